// What PyTorch wrote for the same calls: see tools/fixtures/summary_events.py.
import { readFileSync } from "node:fs";
import type { TensorLike } from "../src/values.ts";

type JsonNumber = number | "nan" | "inf" | "-inf";

export interface FixtureTensor {
  shape: number[];
  dtype: string;
  data: JsonNumber[];
}

export interface FixtureEvent {
  step: number;
  walltime: number;
  what: string;
  /** The whole record, base64. */
  record: string;
  tag: string;
  plugin: string;
  kind: string;
  histo: Record<"min" | "max" | "num" | "sum" | "sum_squares", JsonNumber> &
    Record<"bucket_limit" | "bucket", number[]>;
  image: { size: number[]; pixels: string };
}

interface Fixture {
  walltime: number;
  scalars: { value: JsonNumber; options: Record<string, boolean>; event: FixtureEvent }[];
  text: FixtureEvent;
  histograms: {
    name: string;
    tensor: FixtureTensor;
    options: { bins?: number | number[]; max_bins?: number };
    event: FixtureEvent;
  }[];
  images: {
    method: "add_image" | "add_images";
    tensor: FixtureTensor;
    dataformats: string;
    event: FixtureEvent;
  }[];
  runs: Record<string, { suffix: boolean; events: FixtureEvent[] }>;
}

export const fixture: Fixture = JSON.parse(
  readFileSync(new URL("./fixtures/events.json", import.meta.url), "utf8"),
);

export function toNumber(value: JsonNumber): number {
  if (typeof value === "number") return value;
  return { nan: Number.NaN, inf: Number.POSITIVE_INFINITY, "-inf": Number.NEGATIVE_INFINITY }[
    value
  ];
}

/** A tensor with asynchronous reads, as on any device. */
export function tensorOf({ shape, dtype, data }: FixtureTensor): TensorLike {
  return { shape, dtype, data: async () => data.map(toNumber) };
}
