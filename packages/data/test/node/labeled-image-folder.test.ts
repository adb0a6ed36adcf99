import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { LabeledImageFolder } from "@tead/data/node";
import { Image } from "@tead/transforms/image";
import { pngDecoder, writeImage } from "@tead/transforms/node";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "./temporary-folder.ts";

const folder = temporaryFolder();
const decoders = [pngDecoder];

async function put(files: Readonly<Record<string, string | number>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder(), name);
    await mkdir(dirname(path), { recursive: true });
    if (typeof content === "string") await writeFile(path, content);
    else await writeImage(path, new Image(Uint8Array.of(content), 1, 1));
  }
}

const listing = (set: LabeledImageFolder): [string, number][] =>
  set.samples.map(({ path, target }) => [relative(folder(), path), target]);

describe("LabeledImageFolder.load()", () => {
  it("reads each label from the text file beside the image", async () => {
    await put({ "a.png": 1, "a.txt": "dog\n", "b.png": 2, "b.txt": "cat", "readme.md": "-" });
    const set = await LabeledImageFolder.load(folder(), { decoders, channels: 1 });
    expect(set.classes).toEqual(["cat", "dog"]);
    expect(listing(set)).toEqual([
      ["a.png", 1],
      ["b.png", 0],
    ]);
    expect(await set.getItem(1)).toEqual([new Image(Uint8Array.of(2), 1, 1), 0]);
  });

  it("reads a list of images and labels with spaces, tabs or commas, in its order", async () => {
    await put({
      "x/b.png": 1,
      "a b.png": 2,
      "c.png": 3,
      "list.txt": "# images\nx/b.png 3\r\n\na b.png\t 01\nc.png,0\n",
    });
    const set = await LabeledImageFolder.load(folder(), { decoders, labels: "list.txt" });
    expect(set.classes).toEqual(["0", "1", "2", "3"]);
    expect(listing(set)).toEqual([
      ["x/b.png", 3],
      ["a b.png", 1],
      ["c.png", 0],
    ]);
  });

  it("takes the order of classes that it is given", async () => {
    await put({ "a.png": 1, "b.png": 2, "list.txt": "a.png one\nb.png two\n" });
    const options = { decoders, labels: "list.txt" };
    const set = await LabeledImageFolder.load(folder(), { ...options, classes: ["two", "one"] });
    expect(set.targets).toEqual([1, 0]);
    await expect(
      LabeledImageFolder.load(folder(), { ...options, classes: ["one"] }),
    ).rejects.toThrow(
      `LabeledImageFolder.load: Cannot read ${join(folder(), "list.txt")}: at byte 10: expected one of the classes one, received "two"`,
    );
  });

  it("names the file and the offset of a line that makes no sense", async () => {
    const load = (): Promise<unknown> =>
      LabeledImageFolder.load(folder(), { decoders, labels: "list.txt" });
    const list = join(folder(), "list.txt");
    await put({ "a.png": 1, "list.txt": "a.png 1\nalone\n" });
    await expect(load()).rejects.toThrow(
      `Cannot read ${list}: at byte 8: expected an image and its label, received "alone"`,
    );
    await put({ "list.txt": "a.png 1\nb.png 2\n" });
    await expect(load()).rejects.toThrow(
      `Cannot read ${list}: at byte 8: there is no image b.png in ${folder()}`,
    );
    await put({ "list.txt": "\n" });
    await expect(load()).rejects.toThrow(
      `LabeledImageFolder.load: Cannot find any labelled image in ${folder()}`,
    );
  });

  it("names the image whose label is missing or not one line", async () => {
    await put({ "a.png": 1 });
    const load = (): Promise<unknown> => LabeledImageFolder.load(folder(), { decoders });
    await expect(load()).rejects.toThrow(
      `Cannot read ${join(folder(), "a.txt")}: at byte 0: expected the label of a.png in this file, which cannot be read`,
    );
    await put({ "a.txt": "one\ntwo" });
    await expect(load()).rejects.toThrow("expected one line with the label of a.png");
  });
});
