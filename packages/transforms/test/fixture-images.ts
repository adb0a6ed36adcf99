// The seeded images of tools/fixtures/transforms_image.py, and the fixtures it wrote.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { type Channels, Image } from "@tead/transforms/image";

/** What Pillow returned: the bytes themselves or, where there are many cases, their SHA-256. */
export interface Expected {
  readonly seed: number;
  readonly input: [number, number, Channels];
  readonly height: number;
  readonly width: number;
  readonly data?: string;
  readonly sha256?: string;
}

/** Bytes of the generator that the fixture scripts use. */
export function noise(seed: number, count: number): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

export function noiseImage(
  seed: number,
  height: number,
  width: number,
  channels: Channels = 1,
): Image {
  return new Image(noise(seed, height * width * channels), height, width, channels);
}

export function inputOf({ seed, input }: Expected): Image {
  return noiseImage(seed, ...input);
}

/** An image in the form of the fixture, to compare with one `toEqual`. */
export function describeLike(expected: Expected, image: Image): Record<string, unknown> {
  const sha256 = createHash("sha256").update(image.data).digest("hex");
  const data = Buffer.from(image.data).toString("base64");
  const content = expected.data === undefined ? { sha256 } : { data };
  return { ...expected, height: image.height, width: image.width, ...content };
}

export function readFixture<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`./fixtures/${name}`, import.meta.url), "utf8")) as T;
}
