import { open, truncate, writeFile } from "node:fs/promises";
import { cpu } from "@tead/backend-cpu";
import { type Backend, Storage, setDefaultDevice, Tensor, tensor } from "@tead/tensor";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ByteSource, load, type StoredTensor, save, torchOpen } from "../../src/index.ts";
import {
  torchOpen as openPath,
  safeOpen as safeOpenPath,
  save as savePath,
} from "../../src/node.ts";
import { pickle } from "../../src/torch/pickle.ts";
import { zipParts } from "../../src/torch/zip-writer.ts";
import { useTemporaryFolder } from "../node/temporary-folder.ts";

const path = useTemporaryFolder();
beforeAll(() => setDefaultDevice(cpu()));
afterAll(() => setDefaultDevice(undefined));

const gigabyte = 2 ** 30;

/** A file of 1 GB on the disk's account only: its one large storage is a hole. */
async function makeHole(file: string): Promise<void> {
  const hollow: Backend = { ...cpu(), allocate: () => null };
  const count = gigabyte / 4;
  const storage = new Storage(hollow, "float32", count);
  const whole = new Tensor(storage, { shape: [count], strides: [1], offset: 0 }, "float32");
  const row = new Tensor(storage, { shape: [4], strides: [1], offset: count - 4 }, "float32");
  const parts = [
    ...zipParts([
      { name: "archive/data.pkl", parts: [pickle("save", { whole, row }).bytes] },
      { name: "archive/version", parts: [Buffer.from("3\n")] },
      { name: "archive/data/0", parts: [new Uint8Array(4)] },
    ]),
  ];
  // The last entry's 4 bytes become 1 GB: in its header, in the directory, in the end record.
  const head = Buffer.concat(parts.slice(0, 5));
  const [directory, end] = [Buffer.concat(parts.slice(6, -1)), Buffer.from(parts.at(-1)!)];
  const header = head.lastIndexOf("PK\u0003\u0004");
  for (const at of [header + 18, header + 22]) head.writeUInt32LE(gigabyte, at);
  const entry = directory.lastIndexOf("PK\u0001\u0002");
  for (const at of [entry + 20, entry + 24]) directory.writeUInt32LE(gigabyte, at);
  end.writeUInt32LE(head.length + gigabyte, 16);
  const handle = await open(file, "w");
  await handle.write(head, 0, head.length, 0);
  const tail = Buffer.concat([Buffer.from(Float32Array.of(1, 2, 3, 4).buffer), directory, end]);
  await handle.write(tail, 0, tail.length, head.length + gigabyte - 16);
  await handle.close();
}

describe("torchOpen() of a file of 1 GB", () => {
  it("opens in under 50 ms, and reads what is asked for", async () => {
    await makeHole(path("large.pt"));
    let best = Number.POSITIVE_INFINITY;
    const before = process.memoryUsage();
    for (let round = 0; round < 5; round++) {
      const start = performance.now();
      await using file = await openPath<Record<string, StoredTensor>>(path("large.pt"));
      best = Math.min(best, performance.now() - start);
      expect(file.value.whole!.byteLength).toBe(gigabyte);
      expect((await file.read(file.value.row!)).tolistSync()).toEqual([1, 2, 3, 4]);
    }
    expect(best).toBeLessThan(50);
    expect(process.memoryUsage().arrayBuffers - before.arrayBuffers).toBeLessThan(2 ** 24);
  });

  it("opens safetensors as fast", async () => {
    const json = Buffer.from(
      JSON.stringify({
        large: { dtype: "U8", shape: [gigabyte], data_offsets: [0, gigabyte] },
        small: { dtype: "U8", shape: [2], data_offsets: [gigabyte, gigabyte + 2] },
      }),
    );
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(json.length));
    const handle = await open(path("w"), "w");
    await handle.write(Buffer.concat([length, json]));
    await handle.write(Uint8Array.of(5, 6), 0, 2, 8 + json.length + gigabyte);
    await handle.close();
    const start = performance.now();
    await using file = await safeOpenPath(path("w"));
    expect((await file.getTensor("small")).tolistSync()).toEqual([5, 6]);
    expect(performance.now() - start).toBeLessThan(200);
  });
});

/** A file of PyTorch's whose second storage lies behind 5 GB of nothing. */
async function makeFar(file: string): Promise<void> {
  const far = 5 * gigabyte;
  const small = { near: tensor([1, 2]), far: tensor([3, 4, 5]) };
  const { bytes } = pickle("save", small);
  const [near, there] = Object.values(small).map((each) => Buffer.from(each.bitsSync().buffer));
  const parts = [
    ...zipParts([
      { name: "archive/data.pkl", parts: [bytes] },
      { name: "archive/data/0", parts: [near as Uint8Array] },
      { name: "archive/version", parts: [Buffer.from("3\n")] },
      { name: "archive/data/1", parts: [there as Uint8Array] },
    ]),
  ];
  const [front, back] = [Buffer.concat(parts.slice(0, 6)), Buffer.concat(parts.slice(6, 8))];
  const entries = parts.slice(8, 12).map((part) => Buffer.from(part));
  // The last entry says 0xffffffff and has its offset in an extra field.
  const last = entries[3] as Buffer;
  const extra = Buffer.alloc(12);
  last.writeUInt32LE(0xffffffff, 42);
  last.writeUInt16LE(extra.length, 30);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(8, 2);
  extra.writeBigUInt64LE(BigInt(far), 4);
  const directory = Buffer.concat([...entries, extra]);
  const start = far + back.length;
  const wide = Buffer.alloc(56 + 20 + 22);
  wide.writeUInt32LE(0x06064b50, 0);
  for (const at of [24, 32]) wide.writeBigUInt64LE(4n, at);
  wide.writeBigUInt64LE(BigInt(directory.length), 40);
  wide.writeBigUInt64LE(BigInt(start), 48);
  wide.writeUInt32LE(0x07064b50, 56);
  wide.writeBigUInt64LE(BigInt(start + directory.length), 64);
  wide.writeUInt32LE(0x06054b50, 76);
  const handle = await open(file, "w");
  await handle.write(front, 0, front.length, 0);
  const tail = Buffer.concat([back, directory, wide]);
  await handle.write(tail, 0, tail.length, far);
  await handle.close();
}

describe("files beyond 4 GB", () => {
  it("are read of PyTorch's format, by zip64", async () => {
    await makeFar(path("far.pt"));
    await using file = await openPath<Record<string, StoredTensor>>(path("far.pt"));
    expect((await file.read(file.value.far!)).tolistSync()).toEqual([3, 4, 5]);
    expect((await file.read(file.value.near!)).tolistSync()).toEqual([1, 2]);
  });

  it("are read of safetensors", async () => {
    const far = 5 * gigabyte;
    const header = { hole: ["U8", [far], [0, far]], far: ["I32", [2], [far, far + 8]] };
    const entries = Object.entries(header).map(([name, [dtype, shape, data_offsets]]) => [
      name,
      { dtype, shape, data_offsets },
    ]);
    const json = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(json.length));
    const handle = await open(path("far"), "w");
    await handle.write(Buffer.concat([length, json]));
    const at = 8 + json.length + far;
    await handle.write(new Uint8Array(Int32Array.of(7, 8).buffer), 0, 8, at);
    await handle.close();
    await using file = await safeOpenPath(path("far"));
    expect((await file.getTensor("far")).tolistSync()).toEqual([7, 8]);
  });
});

describe("sources of bytes", () => {
  const values = { a: tensorOf(1000), b: tensorOf(100_000) };
  function tensorOf(count: number): () => Tensor {
    return () => tensor(Float32Array.from({ length: count }, (_, i) => i));
  }
  const tensors = (): Record<string, Tensor> => ({ a: values.a(), b: values.b() });

  it("read Blobs by slices", async () => {
    const blob = new Blob([await save(tensors())]);
    await using file = await torchOpen<Record<string, StoredTensor>>(blob);
    expect((await file.read(file.value.a!)).tolistSync()).toHaveLength(1000);
    expect((await load<Record<string, Tensor>>(blob)).b!.shape).toEqual([100_000]);
  });

  it("say so when they are read after they were closed", async () => {
    await writeFile(path("model"), await save(tensors()));
    const file = await openPath<Record<string, StoredTensor>>(path("model"));
    await file.close();
    await file.close();
    await expect(file.read(file.value.a!)).rejects.toThrow(
      `read: Cannot read ${path("model")}: expected an open file, received a closed one`,
    );
  });

  it("read a file that was replaced as it was when it was opened", async () => {
    await savePath(tensors(), path("model"));
    await using file = await openPath<Record<string, StoredTensor>>(path("model"));
    await savePath({ a: tensor([0]) }, path("model"));
    expect((await file.read(file.value.b!)).tolistSync()).toEqual(values.b().tolistSync());
  });

  it("name the offset where a file has become shorter", async () => {
    await savePath(tensors(), path("model"));
    await using file = await openPath<Record<string, StoredTensor>>(path("model"));
    await truncate(path("model"), 5000);
    await expect(file.read(file.value.b!)).rejects.toThrow(
      `torchOpen: Cannot read ${path("model")}: at byte 5000: expected more bytes, received the end of the file`,
    );
  });

  it("read sources of one's own, and close them", async () => {
    const bytes = await save(tensors());
    let [read, closed] = [0, 0];
    const source: ByteSource = {
      name: "mine",
      size: bytes.length,
      read: async (start, length) => {
        read += Math.min(length, bytes.length - start);
        return bytes.subarray(start, start + length);
      },
      close: async () => void closed++,
    };
    const file = await torchOpen<Record<string, StoredTensor>>(source);
    await file.read(file.value.a!);
    await file.close();
    expect([read < 80_000, closed]).toEqual([true, 1]);
    await expect(load({ ...source, size: bytes.length - 1 })).rejects.toThrow(
      `load: Cannot read mine: at byte ${bytes.length - 1}: expected the end of a zip archive`,
    );
    expect(closed).toBe(2);
  });
});
