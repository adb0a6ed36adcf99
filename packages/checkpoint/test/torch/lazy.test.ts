import { open } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { cpu } from "@tead/backend-cpu";
import { type Backend, Storage, setDefaultDevice, Tensor, tensor } from "@tead/tensor";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  type ByteSource,
  load,
  type StoredTensor,
  safeOpen,
  save,
  saveSafetensors,
  torchOpen,
} from "../../src/index.ts";
import { torchOpen as openPath, safeOpen as safeOpenPath } from "../../src/node.ts";
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

  describe("over HTTP", () => {
    let server: Server;
    let served: Uint8Array = new Uint8Array();
    let requests: string[] = [];
    let ranges = true;
    beforeAll(async () => {
      server = createServer((request, response) => {
        requests.push(request.headers.range ?? "");
        const [, first, last] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? "") ?? [];
        if (request.url === "/none") return void response.writeHead(404).end();
        if (!ranges) return void response.writeHead(200).end(served);
        const start = Number(first);
        const part = served.subarray(start, Number(last) + 1);
        const shown = `bytes ${start}-${start + part.length - 1}/${served.length}`;
        response.writeHead(206, { "Content-Range": shown }).end(part);
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    });
    afterAll(() => void server.close());
    beforeEach(() => {
      requests = [];
      ranges = true;
    });
    const url = (name = "model"): URL =>
      new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${name}`);

    it("asks for ranges, and for no more than is touched", async () => {
      served = await save(tensors());
      await using file = await torchOpen<Record<string, StoredTensor>>(url());
      const a = await file.read(file.value.a!);
      expect(a.tolistSync()).toEqual(values.a().tolistSync());
      const asked = requests.map((range) => /(\d+)-(\d+)/.exec(range)!.slice(1).map(Number));
      const total = asked.reduce((sum, [first, last]) => sum + last! - first! + 1, 0);
      expect([requests.length <= 4, total < 150_000]).toEqual([true, true]);
    });

    it("reads safetensors by ranges", async () => {
      served = await saveSafetensors(tensors());
      await using file = await safeOpen(url());
      expect((await file.getTensor("b")).shape).toEqual([100_000]);
      expect(requests.length).toBe(2);
    });

    it("reads everything at once where the server knows no ranges", async () => {
      ranges = false;
      served = await save(tensors());
      expect((await load<Record<string, Tensor>>(url())).a!.shape).toEqual([1000]);
      expect(requests.length).toBe(1);
    });

    it("names the URL and the status of a file that is not there", async () => {
      await expect(load(url("none"))).rejects.toThrow(
        `load: Cannot read ${url("none")}: expected a file (status 206 or 200), received status 404`,
      );
    });
  });
});
