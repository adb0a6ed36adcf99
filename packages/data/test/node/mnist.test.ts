import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { DownloadError, FashionMNIST, MNIST } from "@tead/data/node";
import { FileFormatError } from "@tead/transforms/image";
import { describe, expect, it } from "vitest";
import { idxFile, tinyMnist } from "../idx-file.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const folder = temporaryFolder();
const dataFolder = process.env.TEAD_DATA_DIR;

async function writeTiny(root: string, prefix: string, pack = true): Promise<void> {
  await mkdir(root, { recursive: true });
  const { images, labels } = tinyMnist(12);
  const write = (name: string, bytes: Uint8Array): Promise<void> =>
    writeFile(join(root, pack ? `${name}.gz` : name), pack ? gzipSync(bytes) : bytes);
  await write(`${prefix}-images-idx3-ubyte`, images);
  await write(`${prefix}-labels-idx1-ubyte`, labels);
}

describe("MNIST.load()", () => {
  it("reads packed files in the folder itself", async () => {
    await writeTiny(folder(), "t10k");
    const set = await MNIST.load(folder(), { train: false });
    expect([set.length, set.height, set.width]).toEqual([12, 2, 3]);
    const [image, label] = set.getItem(11);
    expect([...image.data, label]).toEqual([66, 67, 68, 69, 70, 71, 1]);
  });

  it("prefers torchvision's folder, and reads unpacked files", async () => {
    await writeTiny(join(folder(), "MNIST", "raw"), "train", false);
    await writeFile(join(folder(), "train-images-idx3-ubyte"), "not read");
    const set = await MNIST.load(folder(), { transform: (image) => image.at(0, 1) });
    expect(set.getItem(2)).toEqual([13, 2]);
    expect(set.classes).toHaveLength(10);
  });

  it("says whether the files are there", async () => {
    expect(await MNIST.exists(folder())).toBe(false);
    await writeTiny(folder(), "t10k");
    expect(await MNIST.exists(folder())).toBe(false);
    expect(await MNIST.exists(folder(), { train: false })).toBe(true);
    expect(await FashionMNIST.exists(folder(), { train: false })).toBe(true);
  });

  it("says where to put a missing file", async () => {
    const raw = join(folder(), "MNIST", "raw");
    await expect(MNIST.load(folder())).rejects.toThrow(
      `MNIST.load: Cannot find train-images-idx3-ubyte or train-images-idx3-ubyte.gz in ${folder()} or ${raw}\nHint: pass { download: true }, or put the file at ${join(raw, "train-images-idx3-ubyte.gz")}`,
    );
  });

  it("names the file and the offset of what is damaged", async () => {
    await writeTiny(folder(), "t10k");
    const images = join(folder(), "t10k-images-idx3-ubyte.gz");
    const packed = await readFile(images);
    const load = (): Promise<unknown> => MNIST.load(folder(), { train: false });
    await writeFile(images, packed.subarray(0, 30));
    await expect(load()).rejects.toThrow(
      `gunzip: Cannot read ${images}: at byte 30: the gzip stream ends early`,
    );
    await writeFile(images, gzipSync(tinyMnist(12).images.slice(0, 80)));
    await expect(load()).rejects.toThrow(
      `parseIdx: Cannot read ${images}: at byte 80: the file ends early: expected 88 bytes`,
    );
    await writeFile(images, tinyMnist(12).labels);
    await expect(load()).rejects.toThrow(
      `parseIdx: Cannot read ${images}: at byte 2: expected uint8 numbers in 3 dimensions, received Uint8Array [12]`,
    );
  });

  it("refuses labels that do not belong to the images", async () => {
    await writeTiny(folder(), "t10k", false);
    const labels = join(folder(), "t10k-labels-idx1-ubyte");
    const load = (): Promise<unknown> => MNIST.load(folder(), { train: false });
    await writeFile(labels, tinyMnist(11).labels);
    await expect(load()).rejects.toThrow(
      `MNIST.load: Cannot read ${labels}: at byte 4: expected a label for each of the 12 images`,
    );
    const wrong = new Uint8Array(12);
    wrong[5] = 10;
    await writeFile(labels, idxFile(8, [12], wrong));
    await expect(load()).rejects.toThrow(
      `MNIST.load: Cannot read ${labels}: at byte 13: expected a label below 10, received 10`,
    );
    await expect(load()).rejects.toThrow(FileFormatError);
  });

  it("downloads what is missing, and does not believe a mirror with other contents", async () => {
    const packed = gzipSync(tinyMnist(3).images);
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? "");
      response.end(packed);
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    try {
      const mirror = `http://127.0.0.1:${(server.address() as AddressInfo).port}/m/`;
      const load = MNIST.load(folder(), { download: true, mirrors: [mirror] });
      await expect(load).rejects.toThrow(DownloadError);
      await expect(load).rejects.toThrow(
        `wrong MD5: expected f68b3c2dcbeaaa9fbdd348bbdeb94873, received ${createHash("md5").update(packed).digest("hex")}`,
      );
      expect(asked).toEqual(["/m/train-images-idx3-ubyte.gz"]);
      expect(await readdir(join(folder(), "MNIST", "raw"))).toEqual([]);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it("reads FashionMNIST from a folder of its own", async () => {
    await writeTiny(join(folder(), "FashionMNIST", "raw"), "train");
    const set = await FashionMNIST.load(folder());
    expect(set.classes[set.getItem(9)[1]]).toBe("Ankle boot");
    await expect(MNIST.load(folder())).rejects.toThrow("MNIST.load: Cannot find");
  });

  it.skipIf(dataFolder === undefined)("reads the real test set (TEAD_DATA_DIR)", async () => {
    const set = await MNIST.load(join(dataFolder!, "mnist"), { train: false });
    const sum = (data: Uint8Array): string => createHash("md5").update(data).digest("hex");
    expect(set.length).toBe(10_000);
    expect(sum(idxFile(8, [10_000, 28, 28], set.data))).toBe("2646ac647ad5339dbf082846283269ea");
    expect(sum(idxFile(8, [10_000], set.targets))).toBe("27ae3e4e09519cfbb04c329615203637");
  });
});
