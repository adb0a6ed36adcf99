// MNIST and the data sets in its format: found on disk, or downloaded.
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { FileFormatError, type Image } from "@tead/transforms/image";
import { LabeledImages, type SampleTransforms } from "../datasets/labeled-images.ts";
import { type IdxArray, parseIdxBytes } from "../idx.ts";
import { type DownloadProgress, downloadFile } from "./download.ts";
import { gunzip, isGzip } from "./gunzip.ts";

/** Options of {@link MNIST.load} and {@link FashionMNIST.load}. */
export interface MnistOptions<X = Image, Y = number> extends SampleTransforms<X, Y> {
  /** The 60,000 training images or the 10,000 test images. Default true. */
  readonly train?: boolean;
  /** Download what is missing. Default false. */
  readonly download?: boolean;
  /** URLs of folders that hold the files, each with a slash at its end. Default: the known mirrors. */
  readonly mirrors?: readonly string[];
  /** Ends a download; what has arrived is kept for the next one. */
  readonly signal?: AbortSignal;
  /** Called while a download runs. */
  readonly onProgress?: (progress: DownloadProgress) => void;
}

/** What sets apart the data sets in this format. */
interface MnistSource {
  readonly name: string;
  readonly classes: readonly string[];
  readonly mirrors: readonly string[];
  /** MD5 of the packed files, by name. */
  readonly checksums: Readonly<Record<FileName, string>>;
}

type FileName = `${"train" | "t10k"}-${"images-idx3" | "labels-idx1"}-ubyte`;

const fileNames = (train: boolean): readonly [images: FileName, labels: FileName] => {
  const prefix = train ? "train" : "t10k";
  return [`${prefix}-images-idx3-ubyte`, `${prefix}-labels-idx1-ubyte`];
};

/** Where torchvision keeps the files, and below which downloads go. */
const rawFolder = (root: string, { name }: MnistSource): string => join(root, name, "raw");

/** The file or its packed form, in torchvision's folder or in `root` itself; undefined if there is none. */
async function find(
  root: string,
  source: MnistSource,
  name: FileName,
): Promise<string | undefined> {
  for (const folder of [rawFolder(root, source), root]) {
    for (const path of [join(folder, name), join(folder, `${name}.gz`)]) {
      const isFile = await stat(path).then(
        (info) => info.isFile(),
        () => false,
      );
      if (isFile) return path;
    }
  }
  return undefined;
}

async function locate(
  root: string,
  source: MnistSource,
  name: FileName,
  options: MnistOptions<never, never>,
): Promise<string> {
  const { download = false, mirrors = source.mirrors, signal, onProgress } = options;
  const found = await find(root, source, name);
  if (found !== undefined) return found;
  const target = join(rawFolder(root, source), `${name}.gz`);
  if (!download) {
    throw new Error(
      `${source.name}.load: Cannot find ${name} or ${name}.gz in ${root} or ${rawFolder(root, source)}\nHint: pass { download: true }, or put the file at ${target}`,
    );
  }
  const urls = mirrors.map((mirror) => `${mirror}${name}.gz`);
  await downloadFile(urls, target, { md5: source.checksums[name], signal, onProgress });
  return target;
}

async function readIdx(path: string, dims: number): Promise<IdxArray<Uint8Array>> {
  const bytes = await readFile(path);
  return parseIdxBytes(isGzip(bytes) ? gunzip(bytes, path) : bytes, dims, path);
}

async function load(
  root: string,
  source: MnistSource,
  options: MnistOptions<never, never>,
): Promise<{ data: Uint8Array; targets: Uint8Array; height: number; width: number }> {
  const [imagesName, labelsName] = fileNames(options.train ?? true);
  const imagesPath = await locate(root, source, imagesName, options);
  const labelsPath = await locate(root, source, labelsName, options);
  const images = await readIdx(imagesPath, 3);
  const labels = await readIdx(labelsPath, 1);
  const [count = 0, height = 0, width = 0] = images.shape;
  if (labels.shape[0] !== count) {
    const problem = `expected a label for each of the ${count} images in ${imagesPath}, received ${labels.shape[0]}`;
    throw new FileFormatError(`${source.name}.load`, labelsPath, 4, problem);
  }
  const bad = labels.data.findIndex((label) => label >= source.classes.length);
  if (bad >= 0) {
    const problem = `expected a label below ${source.classes.length}, received ${labels.data[bad]}`;
    throw new FileFormatError(`${source.name}.load`, labelsPath, 8 + bad, problem);
  }
  return { data: images.data, targets: labels.data, height, width };
}

async function exists(root: string, source: MnistSource, train: boolean): Promise<boolean> {
  const found = await Promise.all(fileNames(train).map((name) => find(root, source, name)));
  return found.every((path) => path !== undefined);
}

const mnist: MnistSource = {
  name: "MNIST",
  classes: Array.from({ length: 10 }, (_, digit) => String(digit)),
  mirrors: ["https://ossci-datasets.s3.amazonaws.com/mnist/", "http://yann.lecun.com/exdb/mnist/"],
  checksums: {
    "train-images-idx3-ubyte": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
    "train-labels-idx1-ubyte": "d53e105ee54ea40749a09fcbcd1e9432",
    "t10k-images-idx3-ubyte": "9fb629c4189551a2d022fa330f9573f3",
    "t10k-labels-idx1-ubyte": "ec29112dd5afa0611ce80d1b7f02629c",
  },
};

const fashionMnist: MnistSource = {
  name: "FashionMNIST",
  classes: [
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
  ],
  mirrors: ["http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"],
  checksums: {
    "train-images-idx3-ubyte": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
    "train-labels-idx1-ubyte": "25c81989df183df01b3e8a0aad5dffbe",
    "t10k-images-idx3-ubyte": "bef4ecab320f06d8554ea6380940ec79",
    "t10k-labels-idx1-ubyte": "bb300cfdad3c16e7a12a480ee83cd310",
  },
};

/**
 * The handwritten digits of LeCun, Cortes and Burges: 28 x 28 gray images, 60,000 for training and 10,000 for testing.
 *
 * **Shapes**: `data [N, 28, 28]`, `targets [N]`.
 *
 * @see https://pytorch.org/vision/0.14/generated/torchvision.datasets.MNIST.html
 * @example
 * import assert from "node:assert/strict";
 * import { mkdtemp, writeFile } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { MNIST } from "@tead/data/node";
 * const root = await mkdtemp(join(tmpdir(), "mnist-"));
 * assert.equal(await MNIST.exists(root, { train: false }), false);
 * // One image of 1 x 2 pixels and its label, in the format of the real files.
 * const images = [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 50, 60];
 * await writeFile(join(root, "t10k-images-idx3-ubyte"), Uint8Array.from(images));
 * await writeFile(join(root, "t10k-labels-idx1-ubyte"), Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 1, 7));
 * const [image, label] = (await MNIST.load(root, { train: false })).getItem(0);
 * assert.deepEqual([image.at(0, 1), label], [60, 7]);
 */
export class MNIST<X = Image, Y = number> extends LabeledImages<X, Y> {
  /**
   * Reads the data set from `root/MNIST/raw` (where torchvision keeps it) or from `root` itself, packed or not; with
   * `download`, fetches what is missing to `root/MNIST/raw`, checks its MD5 and keeps the packed file.
   *
   * @param root - Folder of the files.
   * @param options - `train`, `download`, `mirrors`, `transform`, `targetTransform`, `signal`, `onProgress`.
   * @throws FileFormatError with file and offset if a file is damaged.
   * @throws DownloadError if a file is missing and no mirror delivers it; an Error that says where to put it if
   * `download` is off.
   */
  static async load<X = Image, Y = number>(
    root: string,
    options: MnistOptions<X, Y> = {},
  ): Promise<MNIST<X, Y>> {
    const { transform, targetTransform, ...rest } = options;
    const images = await load(root, mnist, rest);
    return new MNIST({ ...images, classes: mnist.classes }, { transform, targetTransform });
  }

  /** True if {@link MNIST.load} finds both files for `train` without a download. */
  static async exists(root: string, options: { readonly train?: boolean } = {}): Promise<boolean> {
    return exists(root, mnist, options.train ?? true);
  }
}

/**
 * Zalando's clothes in the format of {@link MNIST}: ten classes from T-shirt to ankle boot.
 *
 * **Shapes**: `data [N, 28, 28]`, `targets [N]`.
 *
 * @see https://pytorch.org/vision/0.14/generated/torchvision.datasets.FashionMNIST.html
 */
export class FashionMNIST<X = Image, Y = number> extends LabeledImages<X, Y> {
  /** As {@link MNIST.load}, from `root/FashionMNIST/raw` or `root`. */
  static async load<X = Image, Y = number>(
    root: string,
    options: MnistOptions<X, Y> = {},
  ): Promise<FashionMNIST<X, Y>> {
    const { transform, targetTransform, ...rest } = options;
    const images = await load(root, fashionMnist, rest);
    const { classes } = fashionMnist;
    return new FashionMNIST({ ...images, classes }, { transform, targetTransform });
  }

  /** True if {@link FashionMNIST.load} finds both files for `train` without a download. */
  static async exists(root: string, options: { readonly train?: boolean } = {}): Promise<boolean> {
    return exists(root, fashionMnist, options.train ?? true);
  }
}
