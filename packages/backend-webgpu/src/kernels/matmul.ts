// The matrix product, by tiles in workgroup memory. Operands are read through their strides, so that
// transposed and broadcast ones need no copy.

import type { View } from "@tead/tensor";
import { broadcastStrides, type DType, type KernelOf, numelOf, type ops } from "@tead/tensor";
import { type Gpu, slotOf } from "../gpu/gpu.ts";
import type { ProgramSource } from "../gpu/program.ts";
import { loaded, numberType, storageType, stored } from "../wgsl/elements.ts";
import { separate } from "./aliases.ts";
import { merged, offsetsCode, padded, walkParams, walkValues } from "./geometry.ts";

/** Invocations along each side of a workgroup. */
const side = 16;
/** Elements of k that are in workgroup memory at a time. */
const depth = 16;
/** Matrices from this size on give each invocation a square of results. */
const large = 64;

export function matmulKernel(gpu: Gpu): KernelOf<typeof ops.matmulOp> {
  return ({ inputs, outputs: [output] }) => {
    const y = output as View;
    separate(gpu, "matmul", inputs, [y], ([a, b]) => multiply(gpu, a as View, b as View, y));
  };
}

/** Products with at most so many multiplications need no tiles: starting them costs more. */
const small = 2 ** 16;

/** What the text of the shader depends on. */
interface Variant {
  readonly dtype: DType;
  readonly rank: number;
  /** Each invocation computes so many results in each direction; 0 for one result without tiles. */
  readonly square: number;
  /** Whether neighbours in k lie side by side, so that neighbouring invocations read them. */
  readonly alongK: { readonly a: boolean; readonly b: boolean };
}

function multiply(gpu: Gpu, a: View, b: View, y: View): void {
  const last = y.shape.length;
  const batch = y.shape.slice(0, -2);
  const [m, n] = y.shape.slice(-2) as [number, number];
  const k = a.shape.at(-1) as number;
  const over = (view: View): number[] =>
    broadcastStrides({ shape: view.shape.slice(0, -2), strides: view.strides.slice(0, -2) }, batch);
  const walk = padded(
    merged({ shape: batch, strides: [y.strides.slice(0, last - 2), over(a), over(b)] }),
  );
  const [aRow, aColumn] = a.strides.slice(-2) as [number, number];
  const [bRow, bColumn] = b.strides.slice(-2) as [number, number];
  const variant: Variant = {
    dtype: y.dtype,
    rank: walk.shape.length,
    square: squareFor(m, n, k, numelOf(batch)),
    alongK: { a: aColumn <= aRow, b: bRow < bColumn },
  };
  const tile = side * Math.max(variant.square, 1);
  const tiles = [Math.ceil(m / tile), Math.ceil(n / tile)] as const;
  const { dtype, rank, square, alongK } = variant;
  gpu.run({
    op: "matmul",
    key: `matmul ${dtype} ${rank} ${square} ${alongK.a} ${alongK.b}`,
    source: () => (square === 0 ? directSource(variant) : tiledSource(variant)),
    buffers: [slotOf(y), slotOf(a), slotOf(b)],
    params: [
      m,
      n,
      k,
      numelOf(batch),
      ...tiles,
      ...(y.strides.slice(-2) as [number, number]),
      aRow,
      aColumn,
      bRow,
      bColumn,
      ...walkValues(walk),
      y.offset,
      a.offset,
      b.offset,
    ],
    groups: numelOf(batch) * tiles[0] * tiles[1],
  });
}

function squareFor(m: number, n: number, k: number, batches: number): number {
  if (Math.min(m, n, k) < side || m * n * k * batches <= small) return 0;
  return m >= large && n >= large ? 4 : 1;
}

const numbers = [
  "m",
  "n",
  "k",
  "batches",
  "row_tiles",
  "column_tiles",
  "y_row",
  "y_column",
  "a_row",
  "a_column",
  "b_row",
  "b_column",
];

type Frame = Pick<ProgramSource, "params" | "bindings" | "workgroup">;
const names = ["y", "a", "b"];
const u32 = (name: string) => ({ name, type: "u32" }) as const;

function frame({ dtype, rank }: Variant): Frame {
  return {
    params: [
      ...numbers.map(u32),
      ...walkParams(rank, names),
      ...names.map((name) => u32(`${name}_offset`)),
    ],
    bindings: names.map((name) => ({
      name,
      type: storageType(dtype),
      access: name === "y" ? "read_write" : "read",
    })),
    workgroup: [side, side, 1],
  };
}

/** Where the workgroup and the invocation stand in the output. */
const place = (
  rank: number,
  tile: number,
): string => `let batch = group / (p.row_tiles * p.column_tiles);
if (batch >= p.batches) { return; }
${offsetsCode(rank, names, "batch")}
let first_row = (group / p.column_tiles % p.row_tiles) * ${tile}u;
let first_column = (group % p.column_tiles) * ${tile}u;
let own_row = local / ${side}u;
let own_column = local % ${side}u;`;

/** Each invocation goes along a row and a column by itself. */
function directSource(variant: Variant): ProgramSource {
  const { dtype, rank } = variant;
  const a = loaded(dtype, "a[a_from + q * p.a_column]");
  const b = loaded(dtype, "b[b_from + q * p.b_row]");
  return {
    ...frame(variant),
    main: `${place(rank, side)}
let row = first_row + own_row;
let column = first_column + own_column;
if (row >= p.m || column >= p.n) { return; }
let a_from = p.a_offset + a_at + row * p.a_row;
let b_from = p.b_offset + b_at + column * p.b_column;
var sum = ${numberType(dtype)}(0);
for (var q = 0u; q < p.k; q++) { sum += ${a} * ${b}; }
y[p.y_offset + y_at + row * p.y_row + column * p.y_column] = ${stored(dtype, "sum")};`,
  };
}

/** The workgroup reads tiles of both operands into its memory and shares them. */
function tiledSource(variant: Variant): ProgramSource {
  const { dtype, rank, square } = variant;
  const type = numberType(dtype);
  const tile = side * square;
  return {
    ...frame(variant),
    declarations: `var<workgroup> tile_a: array<${type}, ${tile * depth}>;
var<workgroup> tile_b: array<${type}, ${tile * depth}>;`,
    main: `${place(rank, tile)}
${each(square, (r) => each(square, (c) => `var sum_${r}_${c} = ${type}(0);`))}
for (var start = 0u; start < p.k; start += ${depth}u) {
${loadTile(variant, "a")}
${loadTile(variant, "b")}
workgroupBarrier();
for (var q = 0u; q < ${depth}u; q++) {
${products(square, tile)}
}
workgroupBarrier();
}
${writeResults(variant)}`,
  };
}

/** The text of each of the first so many numbers. */
function each(count: number, text: (k: number) => string): string {
  return Array.from({ length: count }, (_, k) => text(k)).join("\n");
}

/** Fills an operand's tile, [k][row or column], with zeros beyond the matrix. */
function loadTile({ dtype, square, alongK }: Variant, name: "a" | "b"): string {
  const tile = side * square;
  const [inner, outer] = alongK[name] ? [depth, tile] : [tile, depth];
  const [along, q] = alongK[name] ? ["other", "near"] : ["near", "other"];
  const first = name === "a" ? "first_row" : "first_column";
  const limit = name === "a" ? "p.m" : "p.n";
  const position =
    name === "a"
      ? "line * p.a_row + (start + q) * p.a_column"
      : "(start + q) * p.b_row + line * p.b_column";
  return `for (var t = local; t < ${inner * outer}u; t += ${side * side}u) {
let near = t % ${inner}u;
let other = t / ${inner}u;
let q = ${q};
let line = ${first} + ${along};
var value = ${numberType(dtype)}(0);
if (line < ${limit} && start + q < p.k) {
value = ${loaded(dtype, `${name}[p.${name}_offset + ${name}_at + ${position}]`)};
}
tile_${name}[q * ${tile}u + ${along}] = value;
}`;
}

/** One step in k: the outer product of a column of a and a row of b. */
function products(square: number, tile: number): string {
  return `${each(
    square,
    (r) => `let a${r} = tile_a[q * ${tile}u + own_row + ${r * side}u];
let b${r} = tile_b[q * ${tile}u + own_column + ${r * side}u];`,
  )}
${each(square, (r) => each(square, (c) => `sum_${r}_${c} += a${r} * b${c};`))}`;
}

function writeResults({ dtype, square }: Variant): string {
  return each(square, (r) =>
    each(
      square,
      (c) => `{
let row = first_row + own_row + ${r * side}u;
let column = first_column + own_column + ${c * side}u;
if (row < p.m && column < p.n) {
y[p.y_offset + y_at + row * p.y_row + column * p.y_column] = ${stored(dtype, `sum_${r}_${c}`)};
}
}`,
    ),
  );
}
