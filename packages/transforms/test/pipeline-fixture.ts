// What torchvision made of seeded images, and ours in the same form.
import { createHash } from "node:crypto";
import { fillRandint, manualSeed, type Tensor } from "@tead/tensor";
import { type Subject, ToTensor } from "@tead/transforms";
import type { Channels, Image } from "@tead/transforms/image";
import { expect } from "vitest";
import { noiseImage, readFixture } from "./fixture-images.ts";

interface ImageSummary {
  readonly height: number;
  readonly width: number;
  readonly sha256: string;
}

export interface TensorSummary {
  readonly shape: readonly number[];
  readonly sha256: string;
}

interface Run {
  readonly seed: number;
  readonly input: readonly [number, number, Channels];
  readonly images: readonly ImageSummary[];
  readonly after: number;
  readonly tensors?: readonly TensorSummary[];
  readonly afterTensors?: number;
}

/** One transform over several inputs. */
export interface PipelineCase {
  readonly kind: string;
  readonly size: number;
  readonly options: Readonly<Record<string, never>>;
  readonly runs: readonly Run[];
}

interface ToTensorCase {
  readonly seed: number;
  readonly input: readonly [number, number, Channels];
  readonly mean: readonly number[];
  readonly std: readonly number[];
  readonly toTensor: TensorSummary;
  readonly normalized: TensorSummary;
  readonly one: TensorSummary;
}

interface PipelineFixture {
  readonly cases: readonly PipelineCase[];
  readonly toTensor: readonly ToTensorCase[];
  readonly pipeline: {
    readonly seed: number;
    readonly input: readonly [number, number, Channels];
    readonly outputs: readonly TensorSummary[];
    readonly after: number;
  };
}

export const fixture: PipelineFixture = readFixture<PipelineFixture>("pipeline.json");

const digest = (bytes: Uint8Array): string =>
  createHash("sha256").update(bytes).digest("hex").slice(0, 32);

export function describeImage({ height, width, data }: Image): ImageSummary {
  return { height, width, sha256: digest(data) };
}

export function describeTensor(result: Tensor): TensorSummary {
  const { buffer, byteOffset, byteLength } = result.dataSync();
  return { shape: result.shape, sha256: digest(new Uint8Array(buffer, byteOffset, byteLength)) };
}

/** One more draw, as the script does after the last output. */
export function draw(): number {
  const out = new Int32Array(1);
  fillRandint(out, seeded, 0, 2 ** 31 - 1);
  return out[0]!;
}
const seeded = manualSeed(0);

/** Runs a transform as the script does, on images and on tensors, and compares to the bit. */
export function expectSame(
  { kind, size, runs }: PipelineCase,
  transform: { forward<S extends Subject>(input: S): S } | { forward(input: Image): Image },
): void {
  const label = `${kind}(${JSON.stringify(size)})`;
  for (const { seed, input, images, after, tensors, afterTensors } of runs) {
    const image = noiseImage(seed, ...input);
    manualSeed(0);
    const gotImages = images.map(() => describeImage(transform.forward(image)));
    expect({ label, images: gotImages, after: draw() }).toEqual({ label, images, after });
    if (tensors === undefined) continue;
    const values = new ToTensor().forward(image);
    manualSeed(0);
    const same = transform as { forward<S extends Subject>(input: S): S };
    const gotTensors = tensors.map(() => describeTensor(same.forward(values)));
    expect({ label, tensors: gotTensors, afterTensors: draw() }).toEqual({
      label,
      tensors,
      afterTensors,
    });
  }
}

/** The cases of one transform; at least a few. */
export function casesOf(kind: string): readonly PipelineCase[] {
  const cases = fixture.cases.filter((each) => each.kind === kind);
  expect(cases.length).toBeGreaterThan(3);
  return cases;
}
