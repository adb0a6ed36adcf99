import "@tead/autograd";
import { cpu } from "@tead/backend-cpu";
import {
  conv2d,
  ones,
  type Profile,
  profile,
  recordFunction,
  setDefaultDevice,
  type Tensor,
  zeros,
} from "@tead/tensor";
import { afterEach, expect, test, vi } from "vitest";
import { attentionGradOp, attentionOp } from "../src/ops/attention.ts";
import { lstmSequenceOp } from "../src/ops/rnn.ts";
import { flopsOf } from "../src/profiler/flops.ts";

setDefaultDevice(cpu());
afterEach(() => void vi.restoreAllMocks());

const named = (measured: Profile, name: string) =>
  measured.keyAverages().find((row) => row.name === name);

test("counts calls, memory and operations of each op", () => {
  const [a, b] = [ones([4, 8]), ones([8, 2])];
  const measured = profile(() => {
    a.matmul(b).add(1);
    a.matmul(b);
    a.reshape(-1);
  });
  expect(named(measured, "matmul")).toMatchObject({
    calls: 2,
    bytes: 2 * 8 * 4,
    flops: 2 * 2 * 64,
  });
  expect(named(measured, "add")).toMatchObject({ calls: 1, bytes: 32, flops: 8 });
  expect(named(measured, "view")).toMatchObject({ calls: 1, bytes: 0, flops: 0 });
});

test("counts a convolution and both of its gradients alike", () => {
  const x = ones([2, 3, 8, 8], { requiresGrad: true });
  const weight = ones([4, 3, 3, 3], { requiresGrad: true });
  const measured = profile(() => conv2d(x, weight).sum().backward());
  const flops = 2 * (2 * 4 * 6 * 6) * (3 * 3 * 3);
  for (const name of ["conv", "convGradInput", "convGradWeight"])
    expect(named(measured, name)?.flops, name).toBe(flops);
});

test("a recurrent op counts what the products of its steps would", () => {
  const attrs = { batchSizes: [3, 3, 2], reverse: false };
  const [gates, state, cell] = [ones([8, 16]), ones([3, 2]), ones([3, 4])];
  const [weight, projection] = [ones([16, 2]), ones([2, 4])];
  const inputs = [gates, state, cell, weight, projection] as const;
  const apart = profile(() => lstmSequenceOp.decompose(inputs, attrs));
  expect(flopsOf(lstmSequenceOp, inputs, [gates])).toBe(named(apart, "matmul")?.flops);
});

test("attention counts what its products would, backward too", () => {
  const [query, key, value] = [ones([2, 5, 4]), ones([2, 7, 4]), ones([2, 7, 3])];
  const attrs = { scale: 1, causal: false };
  const inputs = [query, key, value, undefined, undefined] as const;
  let outputs: readonly Tensor[] = [];
  const apart = profile(() => {
    outputs = attentionOp.decompose(inputs, attrs);
  });
  expect(flopsOf(attentionOp, inputs, outputs)).toBe(named(apart, "matmul")?.flops);

  const [output, logsumexp] = outputs as readonly [Tensor, Tensor];
  const saved = [output, ...inputs, output, logsumexp] as const;
  const back = profile(() => attentionGradOp.decompose(saved, attrs));
  expect(flopsOf(attentionGradOp, saved, [query])).toBe(named(back, "matmul")?.flops);
});

test("an op in place takes no memory", () => {
  const x = zeros([10]);
  const measured = profile(() => x.add_(1));
  expect(measured.events).toMatchObject([
    { name: "add", bytes: 0, flops: 10, shapes: [[10], undefined] },
  ]);
});

test("what runs inside another op or range counts there, its time not as the outer one's own", () => {
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => now++);
  const x = ones([3, 3]);
  const measured = profile(() => recordFunction("square", () => x.mul(x)));
  const [square, mul] = measured.events;
  expect(square).toMatchObject({ name: "square", kind: "function", bytes: 0, flops: 0 });
  expect(mul).toMatchObject({ name: "mul", kind: "op", flops: 9 });
  expect(square?.selfTime).toBe((square?.time as number) - (mul?.time as number));
  expect(mul?.selfTime).toBe(mul?.time);
});

test("rows can be kept apart by shapes", () => {
  const rows = profile(() => {
    ones([2]).neg();
    ones([3]).neg();
  }).keyAverages({ groupByInputShape: true });
  expect(rows.filter(({ name }) => name === "neg").map(({ shapes }) => shapes)).toEqual([
    [[2]],
    [[3]],
  ]);
});

test("an asynchronous function is measured to its end", async () => {
  const measured = await profile(async () => {
    await ones([2]).data();
    await recordFunction("later", async () => ones([5]).neg());
  });
  expect(named(measured, "later")?.calls).toBe(1);
  expect(named(measured, "neg")?.bytes).toBe(20);
});

test("a profile inside another is refused, and a failing function ends its profile", async () => {
  expect(() => profile(() => profile(() => 1))).toThrow(
    "A profile is running already: expected one at a time",
  );
  expect(() => profile(() => ones([2]).matmul(ones([3])))).toThrow("Cannot multiply");
  await expect(profile(() => Promise.reject(new Error("late")))).rejects.toThrow("late");
  expect(profile(() => ones([2]).neg()).events.at(-1)).toMatchObject({ name: "neg" });
});

test("the table fits a terminal and says how much it leaves out", () => {
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => (now += 0.5));
  const x = ones([256, 256]);
  const measured = profile((): Tensor => x.matmul(x).relu().sum());
  expect(measured.table({ rowLimit: 2, sortBy: "flops" })).toMatchInlineSnapshot(`
    "op      calls  self ms   self  total ms   memory   flops  GFLOP/s
    matmul      1    0.500  14.3%     0.500  256 KiB  33.6 M    67.11
    relu        1    0.500  14.3%     0.500  256 KiB  65.5 k     0.13
    1 more, 3.500 ms in all"
  `);
});

test("the trace holds every event in microseconds", () => {
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => now++);
  const x = ones([4]);
  const { traceEvents } = JSON.parse(profile(() => x.neg()).chromeTrace());
  expect(traceEvents).toEqual([
    {
      ...{ name: "neg", cat: "op", ph: "X", pid: 1, tid: 1, ts: 1000, dur: 1000 },
      args: { shapes: [[4]], bytes: 16, flops: 4 },
    },
  ]);
});
