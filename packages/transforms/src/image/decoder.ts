// Decoders are values handed to whoever reads images: there is no global registry to fill or to forget.
import { FileFormatError } from "./file-format-error.ts";
import type { Image } from "./image.ts";

/** What a reader knows about the bytes it hands to a decoder. */
export interface DecodeOptions {
  /** Path or URL of the image, for messages. Default `"<bytes>"`. */
  readonly file?: string;
}

/**
 * Turns the bytes of one image format into an {@link Image}. PNG's stands in `@tead/transforms/node`; a decoder for
 * another format is any object with these members.
 */
export interface ImageDecoder {
  /** The format's name, for messages: `"PNG"`. */
  readonly name: string;
  /** Endings of file names, lower case with the dot: `[".png"]`. Image folders look for these. */
  readonly extensions: readonly string[];
  /** True if the bytes begin as this format begins. Must not throw, however few bytes there are. */
  test(bytes: Uint8Array): boolean;
  /** Decodes the whole image, or throws a {@link FileFormatError} that names file and offset. */
  decode(bytes: Uint8Array, options?: DecodeOptions): Image;
}

/**
 * Decodes `bytes` with the first of `decoders` that recognises them.
 *
 * @param bytes - A whole image file.
 * @param decoders - Decoders to ask, in this order.
 * @param options - `file`: the name to use in messages.
 * @throws FileFormatError if no decoder recognises the bytes, or the one that does finds them broken.
 * @example
 * import assert from "node:assert/strict";
 * import { decodeImage, Image, type ImageDecoder } from "@tead/transforms/image";
 * const dot: ImageDecoder = {
 *   name: "dot",
 *   extensions: [".dot"],
 *   test: (bytes) => bytes[0] === 0x2e,
 *   decode: (bytes) => new Image(bytes.slice(1, 2), 1, 1),
 * };
 * assert.equal(decodeImage(Uint8Array.of(0x2e, 7), [dot]).at(0, 0), 7);
 */
export function decodeImage(
  bytes: Uint8Array,
  decoders: readonly ImageDecoder[],
  options: DecodeOptions = {},
): Image {
  const decoder = decoders.find((candidate) => candidate.test(bytes));
  if (decoder !== undefined) return decoder.decode(bytes, options);
  const names = decoders.map(({ name }) => name).join(", ") || "none";
  const start = Array.from(bytes.subarray(0, 8), (byte) => byte.toString(16).padStart(2, "0"));
  throw new FileFormatError(
    "decodeImage",
    options.file ?? "<bytes>",
    0,
    `no decoder knows a file that begins with [${start.join(" ")}] (decoders: ${names})`,
  );
}
