// Images from and to files.
import { randomUUID } from "node:crypto";
import { open, readFile, rename, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { decodeImage, type ImageDecoder } from "../image/decoder.ts";
import type { Image } from "../image/image.ts";
import { encodePng, pngDecoder } from "./png.ts";

/** Options of {@link readImage}. */
export interface ReadImageOptions {
  /** Decoders to ask, in this order. Default: PNG. */
  readonly decoders?: readonly ImageDecoder[];
}

/**
 * Reads and decodes an image file.
 *
 * @param path - Path or `file:` URL.
 * @param options - `decoders`: the formats to recognise, PNG by default.
 * @throws FileFormatError with file and offset if no decoder knows the file or its bytes are damaged.
 */
export async function readImage(
  path: string | URL,
  options: ReadImageOptions = {},
): Promise<Image> {
  const { decoders = [pngDecoder] } = options;
  const bytes = await readFile(path);
  return decodeImage(bytes, decoders, { file: nameOf(path) });
}

/**
 * Writes `image` as a PNG. The file appears whole or not at all: a previous one stays until then.
 *
 * @param path - Path or `file:` URL that ends in `.png`.
 * @throws RangeError if `path` does not end in `.png`.
 * @example
 * import assert from "node:assert/strict";
 * import { mkdtemp } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { Image } from "@tead/transforms/image";
 * import { readImage, writeImage } from "@tead/transforms/node";
 * const path = join(await mkdtemp(join(tmpdir(), "images-")), "dot.png");
 * const dot = new Image(Uint8Array.of(7), 1, 1);
 * await writeImage(path, dot);
 * assert.deepEqual(await readImage(path), dot);
 */
export async function writeImage(path: string | URL, image: Image): Promise<void> {
  const target = nameOf(path);
  if (!target.toLowerCase().endsWith(".png")) {
    throw new RangeError(`writeImage: Cannot write ${target}: expected a name that ends in .png`);
  }
  const temporary = `${target}.${randomUUID()}.tmp`;
  try {
    const handle = await open(temporary, "wx");
    try {
      await handle.writeFile(encodePng(image));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

const nameOf = (path: string | URL): string =>
  typeof path === "string" ? path : fileURLToPath(path);
