import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { ImageFolder } from "@tead/data/node";
import { Image, type ImageDecoder } from "@tead/transforms/image";
import { pngDecoder, writeImage } from "@tead/transforms/node";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "./temporary-folder.ts";

const folder = temporaryFolder();
const decoders = [pngDecoder];

async function put(path: string, gray: number): Promise<void> {
  const file = join(folder(), path);
  await mkdir(dirname(file), { recursive: true });
  await writeImage(file, new Image(Uint8Array.of(gray), 1, 1));
}

describe("ImageFolder.load()", () => {
  it("takes subfolders as classes and their files in torchvision's order", async () => {
    const names = ["dog/b.png", "dog/a.png", "cat/z/1.png", "cat/y.png", "cat/z-1/2.png"];
    for (const [i, name] of [...names, "cat/z/q/3.png"].entries()) await put(name, i);
    await writeFile(join(folder(), "dog", "notes.txt"), "not an image");
    const set = await ImageFolder.load(folder(), { decoders });
    expect(set.classes).toEqual(["cat", "dog"]);
    expect(set.samples.map(({ path }) => relative(folder(), path))).toEqual([
      "cat/y.png",
      "cat/z/1.png",
      "cat/z-1/2.png",
      "cat/z/q/3.png",
      "dog/a.png",
      "dog/b.png",
    ]);
    expect(set.targets).toEqual([0, 0, 0, 0, 1, 1]);
  });

  it("reads images as RGB, or with as many channels as it is told", async () => {
    await put("a/1.png", 9);
    const rgb = await ImageFolder.load(folder(), { decoders });
    expect(await rgb.getItem(0)).toEqual([new Image(Uint8Array.of(9, 9, 9), 1, 1, 3), 0]);
    const gray = await ImageFolder.load(folder(), {
      decoders,
      channels: 1,
      transform: (image) => image.data.length,
      targetTransform: (target) => target + 100,
    });
    expect(await gray.getItem(0)).toEqual([1, 100]);
  });

  it("follows links to folders, and takes no link to a file for a class", async () => {
    await put("real/deep/1.png", 9);
    await symlink(join(folder(), "real", "deep"), join(folder(), "linked"));
    await symlink(join(folder(), "real", "deep", "1.png"), join(folder(), "real", "2.png"));
    await symlink(join(folder(), "real", "deep", "1.png"), join(folder(), "file"));
    const set = await ImageFolder.load(folder(), { decoders });
    expect(set.classes).toEqual(["linked", "real"]);
    expect(set.length).toBe(3);
  });

  it("refuses a folder without classes, and classes without images", async () => {
    await expect(ImageFolder.load(folder(), { decoders })).rejects.toThrow(
      `ImageFolder.load: Cannot find any class folder in ${folder()}`,
    );
    await put("a/1.png", 9);
    await mkdir(join(folder(), "b"));
    await expect(ImageFolder.load(folder(), { decoders })).rejects.toThrow(
      `ImageFolder.load: Cannot find any image of b in ${folder()}`,
    );
  });

  it("refuses images that no decoder reads, at once", async () => {
    await put("a/1.png", 9);
    await writeFile(join(folder(), "a", "2.jpg"), "");
    await expect(ImageFolder.load(folder(), { decoders })).rejects.toThrow(
      `ImageFolder: Cannot read 1 of 2 images, ${join(folder(), "a", "2.jpg")} for one: expected a decoder for it, received PNG\nHint: pass { decoders: [pngDecoder] }`,
    );
    const jpeg: ImageDecoder = {
      name: "JPEG",
      extensions: [".jpg"],
      test: () => true,
      decode: () => new Image(Uint8Array.of(1), 1, 1),
    };
    const set = await ImageFolder.load(folder(), { decoders: [...decoders, jpeg] });
    expect((await set.getItem(1))[0].at(0, 0)).toBe(1);
  });

  it("names the file that is damaged, and refuses indices that are no sample", async () => {
    await put("a/1.png", 9);
    const set = await ImageFolder.load(folder(), { decoders });
    await writeFile(join(folder(), "a", "1.png"), "no PNG");
    await expect(set.getItem(0)).rejects.toThrow(
      `decodeImage: Cannot read ${join(folder(), "a", "1.png")}: at byte 0: no decoder knows`,
    );
    await expect(set.getItem(1)).rejects.toThrow(
      "ImageFolder: Cannot read sample 1: expected an integer from 0 to 0",
    );
    await expect(ImageFolder.load(folder(), { decoders, channels: 7 as 1 })).rejects.toThrow(
      "ImageFolder: Cannot use channels=7: expected 1, 2, 3 or 4",
    );
  });
});
