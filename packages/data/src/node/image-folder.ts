// A folder of images with one subfolder a class.
import { readdir } from "node:fs/promises";
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
    const entries = await readdir(root, { withFileTypes: true });
    const folders = entries.filter((entry) => entry.isDirectory() || entry.isSymbolicLink());
    const classes = folders.map(({ name }) => name).sort(compareNames);
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

/** All image files below a folder: folder by folder in order of path, each in order of name. */
async function imagesBelow(folder: string): Promise<string[]> {
  const folders = [folder];
  const names = new Map<string, string[]>();
  for (const path of folders) {
    const entries = await readdir(path, { withFileTypes: true });
    for (const entry of entries) if (entry.isDirectory()) folders.push(join(path, entry.name));
    const images = entries.filter((entry) => !entry.isDirectory() && isImageName(entry.name));
    names.set(path, images.map(({ name }) => name).sort(compareNames));
  }
  return [...names.keys()]
    .sort(compareNames)
    .flatMap((path) => names.get(path)!.map((name) => join(path, name)));
}
