// Products that are summed over k: how they are cut into tiles and parts, and run.
import type { Gpu } from "../gpu/gpu.ts";
import type { Slot } from "../gpu/memory.ts";
import type { NumberType } from "../wgsl/elements.ts";
import {
  combineSource,
  type Piece,
  partsPiece,
  productSource,
  side,
  type Tiling,
} from "./product-source.ts";

/** An operand or the target: a piece of the shader, and the values of what it reads. */
export interface Part {
  /** Says all that the piece depends on. */
  readonly key: string;
  readonly piece: () => Piece;
  readonly buffers: readonly Slot[];
  readonly values: readonly number[];
}

/** An operand: rows of k elements (a), or columns of k elements (b). */
export interface Operand extends Part {
  /** Whether neighbours in k lie side by side. */
  readonly alongK: boolean;
}

/** y[batch, row, column] = sum over q < k of a[batch, row, q] * b[batch, q, column] */
export interface Product {
  readonly op: string;
  /** The type that is computed in. */
  readonly type: NumberType;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly batches: number;
  readonly a: Operand;
  readonly b: Operand;
  readonly target: Part;
}

/** Products with at most so many multiplications need no tiles: starting them costs more. */
const small = 2 ** 16;
/** With so many large tiles, every core of a large GPU has work. */
const manyTiles = 64;
/** Workgroups up to which a long sum is worth splitting, and how many are aimed at. */
const fewGroups = 64;
const enoughGroups = 256;
/** The shortest part of a sum. */
const shortestPart = 256;

const direct: Tiling = { rows: 0, columns: 0, depth: 16 };

/** A large tile is a large program: a software driver spends seconds on compiling it. */
const isSoftware = ({ device }: Gpu): boolean => device.adapterInfo?.isFallbackAdapter === true;

function tilingFor(gpu: Gpu, { m, n, k, batches }: Product): Tiling {
  if (k <= 4 || m * n * k * batches <= small || (Math.min(m, n) < 4 && k <= 64)) return direct;
  if (isSoftware(gpu)) return { rows: 1, columns: 1, depth: 16 };
  const tiles = batches * Math.ceil(m / 128) * Math.ceil(n / 128);
  if (m >= 128 && n >= 128 && tiles >= manyTiles) return { rows: 8, columns: 8, depth: 8 };
  const lines = (size: number): number => (size > 2 * side ? 4 : size > side ? 2 : 1);
  return { rows: lines(m), columns: lines(n), depth: 16 };
}

/** The length of the parts that the sums over k are cut into: k for one part. */
function partOf(k: number, groups: number): number {
  if (groups > fewGroups || k < 4 * shortestPart) return k;
  const splits = Math.min(Math.ceil(enoughGroups / groups), Math.floor(k / shortestPart));
  return Math.ceil(k / splits / side) * side;
}

/** Records a product: one dispatch, or two where the sums are long and the results few. */
export function runProduct(gpu: Gpu, product: Product): void {
  const { op, type, m, n, k, batches, a, b, target } = product;
  if (m * n * batches === 0) return;
  const tiling = tilingFor(gpu, product);
  const { rows, columns, depth } = tiling;
  const tiles =
    rows === 0 ? [1, 1] : [Math.ceil(m / (side * rows)), Math.ceil(n / (side * columns))];
  const [rowTiles, columnTiles] = tiles as [number, number];
  const groups =
    rows === 0 ? Math.ceil((m * n * batches) / side ** 2) : rowTiles * columnTiles * batches;
  const kPart = Math.max(1, partOf(k, groups));
  const splits = Math.max(1, Math.ceil(k / kPart));
  const sizes = [m, n, k, batches, rowTiles, columnTiles, splits, kPart];
  const variant = { type, tiling, alongK: { a: a.alongK, b: b.alongK } };
  const into = (to: Part): void =>
    gpu.run({
      op,
      key: `product ${type} ${rows} ${columns} ${depth} ${a.alongK} ${b.alongK} ${to.key} ${a.key} ${b.key}`,
      source: () => productSource(variant, to.piece(), a.piece(), b.piece()),
      buffers: [...to.buffers, ...a.buffers, ...b.buffers],
      params: [...sizes, ...to.values, ...a.values, ...b.values],
      groups: rows === 0 ? Math.ceil((m * n * batches * splits) / side ** 2) : groups * splits,
    });
  if (splits === 1) {
    into(target);
    return;
  }
  gpu.withScratch(m * n * batches * splits * 4, (scratch) => {
    into({ key: "parts", piece: () => partsPiece(type), buffers: [scratch], values: [] });
    gpu.run({
      op,
      key: `product parts ${type} ${target.key}`,
      source: () => combineSource(type, target.piece()),
      buffers: [...target.buffers, scratch],
      params: [...sizes, ...target.values],
      groups: Math.ceil((m * n * batches) / 64),
    });
  });
}
