// Operands and targets of products that are plain strided views.
import type { DType, View } from "@tead/tensor";
import { slotOf } from "../gpu/gpu.ts";
import type { Param } from "../gpu/program.ts";
import { loaded, numberType, storageType, stored } from "../wgsl/elements.ts";
import { merged, offsetsCode, padded, walkParams, walkValues } from "./geometry.ts";
import type { Operand, Part } from "./product.ts";
import type { Piece } from "./product-source.ts";

export type Name = "a" | "b";

const u32 = (name: string): Param => ({ name, type: "u32" });

/** The batch dims of a view: the same shape for all views of a product. */
export interface Batch {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** Where the elements of one dim of a product are: in blocks where two dims make one. */
export interface Steps {
  /** From one element to the next within a block. */
  readonly inner: number;
  /** Elements of a block, and from one block to the next; absent where there is one block. */
  readonly block?: number;
  readonly outer?: number;
}

const stepParams = (prefix: string, { block }: Steps): Param[] =>
  ["inner", ...(block === undefined ? [] : ["block", "outer"])].map((s) => u32(`${prefix}_${s}`));
const stepValues = ({ inner, block, outer = 0 }: Steps): number[] =>
  block === undefined ? [inner] : [inner, block, outer];
const stepCode = (prefix: string, { block }: Steps, at: string): string =>
  block === undefined
    ? `${at} * p.${prefix}_inner`
    : `${at} / p.${prefix}_block * p.${prefix}_outer + ${at} % p.${prefix}_block * p.${prefix}_inner`;
const blocks = ({ block }: Steps): string => (block === undefined ? "" : "blocks");

/** A view as an operand: element q of a line stands at line * step + the steps of k. */
export function plainOperand(
  name: Name,
  view: View,
  batch: Batch,
  line: number,
  k: Steps,
  size: number,
): Operand {
  const walk = padded(merged({ shape: batch.shape, strides: [batch.strides] }));
  const rank = walk.shape.length;
  const alongK = k.inner <= line;
  const fours = [view.offset, line, size, ...walk.strides.flat()];
  const packed =
    view.dtype === "float32" &&
    k.inner === 1 &&
    k.block === undefined &&
    fours.every((x) => x % 4 === 0);
  return {
    key: `plain ${name} ${view.dtype} ${rank} ${packed} ${blocks(k)}`,
    alongK,
    buffers: [slotOf(view)],
    values: [view.offset, line, ...stepValues(k), ...walkValues(walk)],
    piece: () => plainPiece(name, view.dtype, rank, k, packed),
  };
}

function plainPiece(name: Name, dtype: DType, rank: number, k: Steps, packed: boolean): Piece {
  const type = numberType(dtype);
  const limit = name === "a" ? "p.m" : "p.n";
  const element = loaded(dtype, `${name}[line.start + ${stepCode(`${name}_k`, k, "q")}]`);
  return {
    params: [
      u32(`${name}_offset`),
      u32(`${name}_line`),
      ...stepParams(`${name}_k`, k),
      ...walkParams(rank, [name], "batch_"),
    ].map((param) => ({ ...param, name: param.name.replace(/^batch_/, `${name}_batch_`) })),
    bindings: [{ name, type: packed ? "vec4<f32>" : storageType(dtype), access: "read" }],
    declarations: `struct Line_${name} { start: u32, inside: bool }
fn line_${name}(batch: u32, line: u32) -> Line_${name} {
${offsetsCode(rank, [name], "batch", "batch_").replaceAll("p.batch_", `p.${name}_batch_`)}
return Line_${name}(p.${name}_offset + ${name}_batch_at + line * p.${name}_line, line < ${limit});
}
${
  packed
    ? `fn four_${name}(line: Line_${name}, q: u32) -> vec4f {
if (!line.inside || q >= p.k) { return vec4f(); }
return ${name}[(line.start + q) / 4u];
}`
    : `fn element_${name}(line: Line_${name}, q: u32) -> ${type} {
if (!line.inside || q >= p.k) { return ${type}(0); }
return ${element};
}
${fourOf(name, dtype)}`
}`,
  };
}

/** Four elements, one by one. */
export const fourOf = (name: Name, dtype: DType): string => {
  const type = `vec4<${numberType(dtype)}>`;
  const elements = [0, 1, 2, 3].map((e) => `element_${name}(line, q + ${e}u)`);
  return `fn four_${name}(line: Line_${name}, q: u32) -> ${type} {
return ${type}(${elements.join(", ")});
}`;
};

/** A view as a target; `bias` is added by row or by column. */
export function plainTarget(
  view: View,
  batch: Batch,
  row: number,
  columns: Steps,
  bias?: { readonly view: View; readonly along: "row" | "column" },
): Part {
  const walk = padded(merged({ shape: batch.shape, strides: [batch.strides] }));
  const rank = walk.shape.length;
  const biasStep = bias?.view.strides[0] ?? 0;
  return {
    key: `target ${view.dtype} ${rank} ${blocks(columns)} ${bias?.along}`,
    buffers: [slotOf(view), ...(bias === undefined ? [] : [slotOf(bias.view)])],
    values: [
      view.offset,
      row,
      ...stepValues(columns),
      ...walkValues(walk),
      ...(bias === undefined ? [] : [bias.view.offset, biasStep]),
    ],
    piece: () => targetPiece(view.dtype, rank, columns, bias?.along),
  };
}

function targetPiece(
  dtype: DType,
  rank: number,
  columns: Steps,
  along: "row" | "column" | undefined,
): Piece {
  const place = along === "row" ? "batch * p.m + row" : "column";
  const added = loaded(dtype, `bias[p.bias_offset + (${place}) * p.bias_step]`);
  const result = stored(dtype, along === undefined ? "value" : `value + ${added}`);
  return {
    params: [
      u32("y_offset"),
      u32("y_row"),
      ...stepParams("y_column", columns),
      ...walkParams(rank, ["y"], "batch_"),
      ...(along === undefined ? [] : [u32("bias_offset"), u32("bias_step")]),
    ],
    bindings: [
      { name: "y", type: storageType(dtype), access: "read_write" },
      ...(along === undefined
        ? []
        : [{ name: "bias", type: storageType(dtype), access: "read" } as const]),
    ],
    declarations: `fn store(batch: u32, row: u32, column: u32, value: ${numberType(dtype)}) {
${offsetsCode(rank, ["y"], "batch", "batch_")}
y[p.y_offset + y_batch_at + row * p.y_row + ${stepCode("y_column", columns, "column")}] = ${result};
}`,
  };
}
