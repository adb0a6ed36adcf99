// The orders that PyTorch recorded, and the check that ours are the same.
import { readFileSync } from "node:fs";
import { fillRandint, Generator, manualSeed } from "@tead/tensor";
import { expect } from "vitest";

/** A sampler or loader over three epochs, and the draws that follow them. */
export interface OrderCase {
  readonly name: string;
  readonly own: boolean;
  readonly epochs: readonly unknown[];
  readonly after: { readonly default: number; readonly own?: number };
  readonly length: number;
  readonly replacement: boolean;
  readonly numSamples: number | null;
  readonly indices: readonly number[];
  readonly weights: readonly number[];
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly dropLast: boolean;
}

interface SplitCase {
  readonly length: number;
  readonly lengths: readonly number[];
  readonly parts: readonly (readonly number[])[];
}

interface OrderFixture {
  readonly seed: number;
  readonly ownSeed: number;
  readonly samplers: readonly OrderCase[];
  readonly batchSamplers: readonly OrderCase[];
  readonly loaders: readonly OrderCase[];
  readonly splits: readonly SplitCase[];
}

export const orders = JSON.parse(
  readFileSync(new URL("./fixtures/order.json", import.meta.url), "utf8"),
) as OrderFixture;

/** One more draw, as the script does after the last epoch. */
export function draw(generator: Generator): number {
  const out = new Int32Array(1);
  fillRandint(out, generator, 0, 2 ** 31 - 1);
  return out[0]!;
}

/** Seeds as the script does, reads all epochs of what `make` returns, and compares. */
export async function expectOrder<T>(
  expected: OrderCase,
  make: (generator: Generator | undefined) => Iterable<T> | AsyncIterable<T>,
  read: (item: T) => unknown = (item) => item,
): Promise<void> {
  const defaults = manualSeed(orders.seed);
  const own = expected.own ? new Generator().manualSeed(orders.ownSeed) : undefined;
  const source = make(own);
  const epochs: unknown[] = [];
  for (const _ of expected.epochs) {
    const epoch: unknown[] = [];
    for await (const item of source) epoch.push(read(item));
    epochs.push(epoch);
  }
  const after = { default: draw(defaults), ...(own && { own: draw(own) }) };
  expect({ epochs, after }).toEqual({ epochs: expected.epochs, after: expected.after });
}
