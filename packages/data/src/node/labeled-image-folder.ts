// A folder of images whose labels stand in text files: one list, or a file beside each image.
import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { FileFormatError, type Image } from "@tead/transforms/image";
import { compareNames, ImageFiles, type ImageFilesOptions, isImageName } from "./image-files.ts";

/** Options of {@link LabeledImageFolder.load}. */
export interface LabeledImageFolderOptions<X = Image, Y = number> extends ImageFilesOptions<X, Y> {
  /**
   * Name of a text file in the folder, each line an image's path and its label: `cats/1.png tabby`. Default: each
   * image's label stands in a file of its own beside it, `1.txt` for `1.png`.
   */
  readonly labels?: string;
  /** Names of the classes in the order of their indices. Default: the labels that occur, in order. */
  readonly classes?: readonly string[];
}

/** A label as it stands in a text file. */
interface LabelLine {
  readonly path: string;
  readonly label: string;
  readonly file: string;
  readonly offset: number;
}

/**
 * Images in one folder, with their labels in text files. Labels may be names or numbers: if all are whole numbers, a
 * label is its own class index; otherwise the names in order are the classes.
 *
 * @example
 * import assert from "node:assert/strict";
 * import { mkdtemp, writeFile } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { LabeledImageFolder } from "@tead/data/node";
 * import { Image } from "@tead/transforms/image";
 * import { pngDecoder, writeImage } from "@tead/transforms/node";
 * const folder = await mkdtemp(join(tmpdir(), "pets-"));
 * await writeImage(join(folder, "1.png"), new Image(Uint8Array.of(7), 1, 1));
 * await writeFile(join(folder, "1.txt"), "cat");
 * const pets = await LabeledImageFolder.load(folder, { decoders: [pngDecoder], channels: 1 });
 * assert.deepEqual([pets.length, pets.classes], [1, ["cat"]]);
 */
export class LabeledImageFolder<X = Image, Y = number> extends ImageFiles<X, Y> {
  /**
   * Reads the labels and lists the images of `folder`; each image is read when its sample is.
   *
   * @param folder - The folder of the images.
   * @param options - `decoders` for the formats to read, `labels`, `classes`, `channels`, `transform`,
   * `targetTransform`.
   * @throws FileFormatError with file and offset if a label is missing or not among `classes`, or a line of the list
   * names no image.
   * @throws TypeError if an image has no decoder.
   */
  static async load<X = Image, Y = number>(
    folder: string,
    options: LabeledImageFolderOptions<X, Y>,
  ): Promise<LabeledImageFolder<X, Y>> {
    const { labels, classes: given, ...rest } = options;
    const lines =
      labels === undefined ? await labelsBeside(folder) : await labelList(folder, labels);
    if (lines.length === 0) {
      throw new Error(`LabeledImageFolder.load: Cannot find any labelled image in ${folder}`);
    }
    const classes = given ?? classesOf(lines.map(({ label }) => label));
    const indices = new Map(classes.map((name, index) => [name, index]));
    const samples = lines.map(({ path, label, file, offset }) => {
      const target = indices.get(label) ?? indices.get(normalized(label));
      if (target !== undefined) return { path, target };
      const problem = `expected one of the classes ${classes.join(", ")}, received "${label}"`;
      throw new FileFormatError("LabeledImageFolder.load", file, offset, problem);
    });
    return new LabeledImageFolder(samples, classes, rest);
  }
}

const WHOLE_NUMBER = /^\d{1,6}$/;
/** "07" is class 7. */
const normalized = (label: string): string =>
  WHOLE_NUMBER.test(label) ? String(Number(label)) : label;

function classesOf(labels: readonly string[]): string[] {
  if (!labels.every((label) => WHOLE_NUMBER.test(label))) {
    return [...new Set(labels.map(normalized))].sort(compareNames);
  }
  const most = labels.reduce((max, label) => Math.max(max, Number(label)), 0);
  return Array.from({ length: most + 1 }, (_, index) => String(index));
}

async function labelsBeside(folder: string): Promise<LabelLine[]> {
  const names = (await readdir(folder)).sort(compareNames);
  const lines: LabelLine[] = [];
  for (const name of names.filter(isImageName)) {
    const file = join(folder, `${name.slice(0, -extname(name).length)}.txt`);
    const text = await readFile(file, "utf8").catch((cause: unknown) => {
      const problem = `expected the label of ${name} in this file, which cannot be read`;
      throw new FileFormatError("LabeledImageFolder.load", file, 0, problem, { cause });
    });
    const label = text.trim();
    if (label === "" || /[\r\n]/.test(label)) {
      const problem = `expected one line with the label of ${name}`;
      throw new FileFormatError("LabeledImageFolder.load", file, 0, problem);
    }
    lines.push({ path: join(folder, name), label, file, offset: 0 });
  }
  return lines;
}

async function labelList(folder: string, list: string): Promise<LabelLine[]> {
  const file = join(folder, list);
  const names = new Set(await readdir(folder, { recursive: true }));
  const lines: LabelLine[] = [];
  let offset = 0;
  for (const line of (await readFile(file, "utf8")).split("\n")) {
    const text = line.trim();
    if (text !== "" && !text.startsWith("#")) {
      const fail = (problem: string): never => {
        throw new FileFormatError("LabeledImageFolder.load", file, offset, problem);
      };
      // A comma or a tab may stand between names with spaces.
      const parts = /^(.+?)\s*[,\t]\s*([^,\t]+)$/.exec(text) ?? /^(.+?)\s+(\S+)$/.exec(text);
      if (parts === null) return fail(`expected an image and its label, received "${text}"`);
      const [, name = "", label = ""] = parts;
      if (!names.has(join(name))) fail(`there is no image ${name} in ${folder}`);
      lines.push({ path: join(folder, name), label, file, offset });
    }
    offset += Buffer.byteLength(line) + 1;
  }
  return lines;
}
