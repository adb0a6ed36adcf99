import { type WebGpuBackend, webgpu } from "@tead/backend-webgpu";
import { type Tensor, tensor } from "@tead/tensor";
import { beforeAll, expect, it } from "vitest";
import { requestDevice } from "../../src/adapter.ts";
import { Gpu } from "../../src/gpu/gpu.ts";
import { describeGpu, gpu } from "../device.ts";

describeGpu("failures", () => {
  let device: WebGpuBackend;
  beforeAll(async () => {
    device = await gpu();
  });

  it("an index out of range is said on the next await, with op and position, once", async () => {
    const x = tensor([1, 2, 3], { device, dtype: "float32" });
    const y = x.indexSelect(0, tensor([0, 2, -3, 7, 3], { device }));
    await expect(x.data()).rejects.toThrow(
      /^indexSelect: Index is out of range: expected an index within the dim's size; the offending value stands at flat position 3\n {2}input {2}\[3\] float32 webgpu/,
    );
    // No index is used unchecked: it read an element of x.
    expect([1, 2, 3]).toContain(Number((await y.data())[3]));
  });

  it("sync() says it as well", async () => {
    const x = tensor([[1, 2]], { device });
    x.gather(1, tensor([[2]], { device }));
    await expect(device.sync()).rejects.toThrow(/^gather: Index is out of range/);
    await device.sync();
  });

  it("a failure outlives later commands, and the first one counts", async () => {
    const x = tensor([1, 2, 3], { device, dtype: "int32" });
    x.remainder(0);
    x.scatterAdd(0, tensor([9], { device }), tensor([1], { device }));
    for (let i = 0; i < 10; i++) x.mul(1);
    await expect(x.data()).rejects.toThrow(/^remainder: Integer is divided by 0/);
    expect(await x.tolist()).toEqual([1, 2, 3]);
  });

  it("an integer result beyond int32 is said", async () => {
    const x = tensor([2147483647, 5], { device });
    const computations: [string, () => Tensor][] = [
      ["neg", () => x.mul(-1).sub(1).neg()],
      ["add", () => x.add(1)],
      ["sub", () => x.rsub(-2)],
      ["mul", () => x.mul(2)],
      ["pow", () => x.pow(2)],
      ["sum", () => x.sum()],
      ["prod", () => x.prod()],
      ["cumsum", () => x.cumsum(0)],
      ["cumprod", () => x.cumprod(0)],
    ];
    for (const [op, compute] of computations)
      await expect(compute().data()).rejects.toThrow(`${op}: Integer overflows`);
  });

  it("a shader that does not compile is said on the next await, with its op", async () => {
    const raw = await requestDevice({});
    const engine = new Gpu(raw, { memoryLimit: 2 ** 20 });
    const twist = (): void =>
      engine.run({
        op: "twist",
        key: "twist",
        source: () => ({ params: [], bindings: [], workgroup: [1, 1, 1], main: "let = ;" }),
        buffers: [],
        params: [],
        groups: 1,
      });
    twist();
    await expect(engine.transfer.sync()).rejects.toMatchObject({
      name: "StateError",
      op: "twist",
      message: expect.stringMatching(
        /^twist: Shader does not compile: expected valid WGSL\n[\s\S]*Hint: this is a fault of the backend/,
      ),
    });
    // From then on it is said at once.
    expect(twist).toThrow(/^twist: Shader does not compile/);
    engine.destroy();
    raw.destroy();
  });

  it("running out of GPU memory is said on the next await", async () => {
    const raw = await requestDevice({});
    const backend = await webgpu({ device: raw });
    const createBuffer = raw.createBuffer.bind(raw);
    const popErrorScope = raw.popErrorScope.bind(raw);
    // A driver without memory: the buffer that it gives is not valid, and the error scope says so.
    const withoutMemory: typeof createBuffer = (descriptor) => {
      raw.popErrorScope = async () => {
        raw.popErrorScope = popErrorScope;
        await popErrorScope();
        return { message: "Out of memory" };
      };
      return createBuffer(descriptor);
    };
    const x = tensor([1, 2, 3], { device: backend });
    raw.createBuffer = withoutMemory;
    const y = x.add(1);
    raw.createBuffer = createBuffer;
    await expect(y.data()).rejects.toThrow(
      /^add: webgpu: The GPU is out of memory: expected room for 256 bytes, 512 being live\nHint: use smaller batches/,
    );
    // What has no memory behind it is not handed out again.
    y[Symbol.dispose]();
    expect(await x.add(1).tolist()).toEqual([2, 3, 4]);
    expect(backend.memory().liveBytes).toBe(512);
    backend.destroy();
    raw.destroy();
  });
});
