import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Image, type ImageDecoder } from "@tead/transforms/image";
import { readImage, writeImage } from "@tead/transforms/node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { noiseImage } from "../fixture-images.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tead-images-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("writeImage() and readImage()", () => {
  it("round-trip an image through a path and through a URL", async () => {
    const image = noiseImage(1, 5, 7, 3);
    const path = join(folder, "a.png");
    await writeImage(path, image);
    expect(await readImage(path)).toEqual(image);
    await writeImage(pathToFileURL(path), noiseImage(2, 1, 1));
    expect(await readImage(pathToFileURL(path))).toEqual(noiseImage(2, 1, 1));
    expect(await readdir(folder)).toEqual(["a.png"]);
  });

  it("leave nothing behind when the write fails", async () => {
    const path = join(folder, "missing", "a.png");
    await expect(writeImage(path, noiseImage(1, 1, 1))).rejects.toThrow("ENOENT");
    expect(await readdir(folder)).toEqual([]);
  });

  it("refuse another extension before writing", async () => {
    const path = join(folder, "a.jpg");
    await expect(writeImage(path, noiseImage(1, 1, 1))).rejects.toThrow(
      `writeImage: Cannot write ${path}: expected a name that ends in .png`,
    );
    expect(await readdir(folder)).toEqual([]);
  });

  it("name the file when its bytes are damaged", async () => {
    const path = join(folder, "a.png");
    await writeImage(path, noiseImage(1, 5, 7, 3));
    await writeFile(path, (await readFile(path)).subarray(0, 40));
    await expect(readImage(path)).rejects.toThrow(`decodePng: Cannot read ${path}: at byte 40`);
  });

  it("use the decoders that they are given", async () => {
    const path = join(folder, "a.raw");
    await writeFile(path, Uint8Array.of(7));
    const raw: ImageDecoder = {
      name: "raw",
      extensions: [".raw"],
      test: () => true,
      decode: (bytes) => new Image(Uint8Array.from(bytes), 1, 1),
    };
    expect((await readImage(path, { decoders: [raw] })).at(0, 0)).toBe(7);
    await expect(readImage(path)).rejects.toThrow(
      "no decoder knows a file that begins with [07] (decoders: PNG)",
    );
  });
});
