// A folder of images with one subfolder a class.
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Image } from "@tead/transforms/image";
import {
  compareNames,
  type ImageFile,
  ImageFiles,
  type ImageFilesOptions,
  isImageName,
} from "./image-files.ts";

/**
 * Images sorted into one folder a class: `root/cat/1.png`, `root/dog/deep/2.png`. Classes are the subfolders in order of
 * name, samples go class by class in order of folder and name, as in torchvision.
 *
 * @see https://pytorch.org/vision/0.14/generated/torchvision.datasets.ImageFolder.html
 * @example
 * import assert from "node:assert/strict";
 * import { mkdir, mkdtemp } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { ImageFolder } from "@tead/data/node";
 * import { Image } from "@tead/transforms/image";
 * import { pngDecoder, writeImage } from "@tead/transforms/node";
 * const root = await mkdtemp(join(tmpdir(), "pets-"));
 * await mkdir(join(root, "cat"));
 * await writeImage(join(root, "cat", "1.png"), new Image(Uint8Array.of(7), 1, 1));
 * const pets = await ImageFolder.load(root, { decoders: [pngDecoder] });
 * const [image, label] = await pets.getItem(0);
 * assert.deepEqual([image.channels, pets.classes[label]], [3, "cat"]);
 */
export class ImageFolder<X = Image, Y = number> extends ImageFiles<X, Y> {
  /**
   * Lists the images below `root`; each is read when its sample is.
   *
   * @param root - The folder of the class folders.
   * @param options - `decoders` for the formats to read, `channels`, `transform`, `targetTransform`.
   * @throws Error if there is no class folder or a class has no image.
   * @throws TypeError if an image has no decoder.
   */
  static async load<X = Image, Y = number>(
    root: string,
    options: ImageFilesOptions<X, Y>,
  ): Promise<ImageFolder<X, Y>> {
    const classes = (await foldersIn(root)).sort(compareNames);
    if (classes.length === 0) {
      throw new Error(`ImageFolder.load: Cannot find any class folder in ${root}`);
    }
    const samples: ImageFile[] = [];
    const empty: string[] = [];
    for (const [target, name] of classes.entries()) {
      const paths = await imagesBelow(join(root, name));
      if (paths.length === 0) empty.push(name);
      samples.push(...paths.map((path) => ({ path, target })));
    }
    if (empty.length > 0) {
      throw new Error(`ImageFolder.load: Cannot find any image of ${empty.join(", ")} in ${root}`);
    }
    return new ImageFolder(samples, classes, options);
  }
}

/** Names of the folders in a folder, links to folders among them. */
async function foldersIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const isLink = entry.isSymbolicLink();
    const isFolder = isLink
      ? (await stat(join(folder, entry.name))).isDirectory()
      : entry.isDirectory();
    if (isFolder) names.push(entry.name);
  }
  return names;
}

/** All image files below a folder: folder by folder in order of path, each in order of name. */
async function imagesBelow(folder: string): Promise<string[]> {
  const folders = [folder];
  const images = new Map<string, string[]>();
  for (const path of folders) {
    const inner = await foldersIn(path);
    folders.push(...inner.map((name) => join(path, name)));
    const files = (await readdir(path)).filter((name) => !inner.includes(name));
    images.set(path, files.filter(isImageName).sort(compareNames));
  }
  return [...images.keys()]
    .sort(compareNames)
    .flatMap((path) => images.get(path)!.map((name) => join(path, name)));
}
