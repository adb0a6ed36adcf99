// The shaders of products that are summed over k. An operand says in WGSL where its elements are,
// so matrix products and convolutions share the tiles and nothing is ever unfolded.
import type { Binding, Param, ProgramSource } from "../gpu/program.ts";
import type { NumberType } from "../wgsl/elements.ts";

/** A piece of a shader with what it reads. */
export interface Piece {
  readonly params: readonly Param[];
  readonly bindings: readonly Binding[];
  readonly declarations: string;
}

/** How a product is cut into pieces of work. */
export interface Tiling {
  /** Results of each invocation, down and across; 0 by 0: one each, without tiles. */
  readonly rows: number;
  readonly columns: number;
  /** Elements of k that are in workgroup memory at a time. */
  readonly depth: number;
}

/** What the text depends on beside the pieces. */
export interface Variant {
  readonly type: NumberType;
  readonly tiling: Tiling;
  /** Whether neighbouring invocations read neighbours in k, or neighbouring lines. */
  readonly alongK: { readonly a: boolean; readonly b: boolean };
}

/** Invocations along each side of a workgroup. */
export const side = 16;

const u32 = (name: string): Param => ({ name, type: "u32" });

/** The params that every product begins with. */
const common: readonly Param[] = [
  ...["m", "n", "k", "batches", "row_tiles", "column_tiles", "splits", "k_part"].map(u32),
];

/**
 * A product whose operands `a` and `b` each declare a struct `Line_a`, `line_a(batch, line)` and
 * `four_a(line, q)`, four elements from q on, zeros beyond the operand; and whose target declares
 * `store(batch, row, column, value)`.
 */
export function productSource(variant: Variant, target: Piece, a: Piece, b: Piece): ProgramSource {
  const { rows, columns, depth } = variant.tiling;
  const direct = rows === 0;
  const tiles = (lines: number): number => side * lines * (depth / 4 + 1);
  const type = `vec4<${variant.type}>`;
  const memory = direct
    ? ""
    : `var<workgroup> tile_a: array<${type}, ${tiles(rows)}>;
var<workgroup> tile_b: array<${type}, ${tiles(columns)}>;`;
  return {
    params: [...common, ...target.params, ...a.params, ...b.params],
    bindings: [...target.bindings, ...a.bindings, ...b.bindings],
    workgroup: [side, side, 1],
    declarations: [target, a, b].map(({ declarations }) => declarations).join("\n") + memory,
    main: direct ? directMain(variant) : tiledMain(variant),
  };
}

/** Each invocation goes along a line of both operands by itself. */
function directMain({ type }: Variant): string {
  return `let size = p.m * p.n;
if (i >= size * p.batches * p.splits) { return; }
let part = i / size;
let batch = part / p.splits;
let line_of_a = line_a(batch, i % size / p.n);
let line_of_b = line_b(batch, i % p.n);
let start = part % p.splits * p.k_part;
var sum = ${type}(0);
for (var q = start; q < min(p.k, start + p.k_part); q += 4u) {
let x = four_a(line_of_a, q);
let y = four_b(line_of_b, q);
${addProducts("sum", "x", "y")}
}
store(part, i % size / p.n, i % p.n, sum);`;
}

/** Four products added one after the other. */
const addProducts = (sum: string, x: string, y: string): string =>
  ["x", "y", "z", "w"].map((at) => `${sum} += ${x}.${at} * ${y}.${at};`).join(" ");

/** The text of each of the first so many numbers. */
function each(count: number, text: (k: number) => string): string {
  return Array.from({ length: count }, (_, k) => text(k)).join("\n");
}

// Each invocation reads its four elements of the next tiles before it waits for the others, which
// may still multiply the present ones. A line of a tile has one vector of padding: the lines of
// neighbouring invocations are in different banks.
function tiledMain(variant: Variant): string {
  const { rows, columns, depth } = variant.tiling;
  const line = depth / 4 + 1;
  const { type } = variant;
  return `let tiles = p.row_tiles * p.column_tiles;
let part = group / tiles;
let batch = part / p.splits;
if (batch >= p.batches) { return; }
let first_row = group % tiles / p.column_tiles * ${side * rows}u;
let first_column = group % p.column_tiles * ${side * columns}u;
let own_row = local / ${side}u;
let own_column = local % ${side}u;
let start = part % p.splits * p.k_part;
let end = min(p.k, start + p.k_part);
${unit(variant, "a", rows)}
${unit(variant, "b", columns)}
${each(rows, (r) => each(columns, (c) => `var sum_${r}_${c} = ${type}(0);`))}
for (var step = start; step < end; step += ${depth}u) {
let a_four = four_a(a_line, step + a_q);
let b_four = four_b(b_line, step + b_q);
workgroupBarrier();
${guarded(rows, depth, `tile_a[a_place * ${line}u + a_q / 4u] = a_four;`)}
${guarded(columns, depth, `tile_b[b_place * ${line}u + b_q / 4u] = b_four;`)}
workgroupBarrier();
for (var s = 0u; s < ${depth / 4}u; s++) {
${each(rows, (r) => `let a${r} = tile_a[(own_row + ${r * side}u) * ${line}u + s];`)}
${each(columns, (c) => `let b${c} = tile_b[(own_column + ${c * side}u) * ${line}u + s];`)}
${each(rows, (r) => each(columns, (c) => addProducts(`sum_${r}_${c}`, `a${r}`, `b${c}`)))}
}
}
${each(rows, (r) => each(columns, (c) => result(r, c)))}`;
}

/** A tile that is smaller than the workgroup is written by a part of it. */
function guarded(lines: number, depth: number, statement: string): string {
  const units = (side * lines * depth) / 4;
  return units < side * side ? `if (local < ${units}u) { ${statement} }` : statement;
}

/** Which four elements of an operand's tile the invocation reads: its line, and its place in k. */
function unit({ tiling, alongK }: Variant, name: "a" | "b", lines: number): string {
  const { depth } = tiling;
  const tile = side * lines;
  const [place, q] = alongK[name]
    ? [`local / ${depth / 4}u`, `local % ${depth / 4}u`]
    : [`local % ${tile}u`, `local / ${tile}u`];
  const first = name === "a" ? "first_row" : "first_column";
  return `let ${name}_place = ${place};
let ${name}_q = ${q} * 4u;
var ${name}_line = line_${name}(batch, ${first} + ${name}_place);
${outside(tile, depth, name)}`;
}

/** Invocations that have no part of a small tile read nothing. */
function outside(tile: number, depth: number, name: "a" | "b"): string {
  const units = (tile * depth) / 4;
  return units < side * side ? `if (local >= ${units}u) { ${name}_line.inside = false; }` : "";
}

const result = (r: number, c: number): string => `{
let row = first_row + own_row + ${r * side}u;
let column = first_column + own_column + ${c * side}u;
if (row < p.m && column < p.n) { store(part, row, column, sum_${r}_${c}); }
}`;

/** Adds up the parts of k that were summed apart. */
export function combineSource(type: NumberType, target: Piece): ProgramSource {
  return {
    params: [...common, ...target.params],
    bindings: [...target.bindings, { name: "parts", type, access: "read" }],
    workgroup: [64, 1, 1],
    declarations: target.declarations,
    main: `let size = p.m * p.n;
if (i >= size * p.batches) { return; }
let batch = i / size;
var sum = ${type}(0);
for (var s = 0u; s < p.splits; s++) { sum += parts[(batch * p.splits + s) * size + i % size]; }
store(batch, i % size / p.n, i % p.n, sum);`,
  };
}

/** The target of parts that are combined later. */
export const partsPiece = (type: NumberType): Piece => ({
  params: [],
  bindings: [{ name: "y", type, access: "read_write" }],
  declarations: `fn store(part: u32, row: u32, column: u32, value: ${type}) {
y[(part * p.m + row) * p.n + column] = value;
}`,
});
