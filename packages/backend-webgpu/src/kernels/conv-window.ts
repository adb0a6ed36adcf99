// The operand of a convolution that is met through windows: an element's place along each spatial
// dim is a sum of what its line and its place in k say, and beyond the view there are zeros.
import type { DType, View } from "@tead/tensor";
import { slotOf } from "../gpu/gpu.ts";
import type { Param } from "../gpu/program.ts";
import { loaded, numberType, storageType } from "../wgsl/elements.ts";
import type { Operand } from "./product.ts";
import { fourOf } from "./product-parts.ts";
import type { Piece } from "./product-source.ts";

/** One spatial dim: the place is (lineStep * line + kStep * q + shift) / divisor, where it divides. */
export interface WindowDim {
  /** How many values the line's index and the index in k have here. */
  readonly lines: number;
  readonly taps: number;
  readonly lineStep: number;
  readonly kStep: number;
  readonly shift: number;
  readonly divisor: number;
  /** The view's size and stride. */
  readonly size: number;
  readonly stride: number;
}

/** What `windowOperand` needs to know of a view [N, C, ...spatial]. */
export interface Window {
  readonly view: View;
  /** From one group, one outermost index of a line, and one of k, to the next. */
  readonly groupStep: number;
  readonly lineStep: number;
  readonly kStep: number;
  readonly dims: readonly WindowDim[];
  /** Whether neighbours in k lie side by side. */
  readonly alongK: boolean;
}

const perDim = ["lines", "taps", "line_step", "k_step", "shift", "divisor", "size", "stride"];
const signed = ["line_step", "k_step", "shift", "divisor", "size"];

/** The columns of a product: operand b. */
export function windowOperand(window: Window): Operand {
  const { view, groupStep, lineStep, kStep, dims, alongK } = window;
  const divided = dims.some(({ divisor }) => divisor > 1);
  return {
    key: `window ${view.dtype} ${dims.length} ${divided}`,
    alongK,
    buffers: [slotOf(view)],
    values: [
      view.offset,
      groupStep,
      lineStep,
      kStep,
      ...dims.flatMap((d) => [
        d.lines,
        d.taps,
        d.lineStep,
        d.kStep,
        d.shift,
        d.divisor,
        d.size,
        d.stride,
      ]),
    ],
    piece: () => windowPiece(view.dtype, dims.length, divided),
  };
}

function windowPiece(dtype: DType, rank: number, divided: boolean): Piece {
  const dims = Array.from({ length: rank }, (_, d) => d);
  const type = numberType(dtype);
  const numbers = ["offset", "group_step", "line_step", "k_step"];
  return {
    params: [
      ...numbers.map((name): Param => ({ name: `b_${name}`, type: "u32" })),
      ...dims.flatMap((d) =>
        perDim.map((name): Param => {
          const kind = signed.includes(name) ? "i32" : "u32";
          return { name: `b_${name}_${d}`, type: kind };
        }),
      ),
    ],
    bindings: [{ name: "b", type: storageType(dtype), access: "read" }],
    declarations: `struct Line_b { start: u32, inside: bool, ${dims.map((d) => `at${d}: i32`).join(", ")} }
fn line_b(batch: u32, line: u32) -> Line_b {
${indicesCode(dims, "line", "lines")}
let start = p.b_offset + batch * p.b_group_step + rest * p.b_line_step;
return Line_b(start, line < p.n, \
${dims.map((d) => `i32(index${d}) * p.b_line_step_${d} + p.b_shift_${d}`).join(", ")});
}
fn element_b(line: Line_b, q: u32) -> ${type} {
if (!line.inside || q >= p.k) { return ${type}(0); }
${indicesCode(dims, "q", "taps")}
var place = line.start + rest * p.b_k_step;
${dims.map((d) => placeCode(d, type, divided)).join("\n")}
return ${loaded(dtype, "b[place]")};
}
${fourOf("b", dtype)}`,
  };
}

/** A flat index as `index0`, `index1`, ... of the spatial dims, and `rest` for the outermost. */
function indicesCode(dims: readonly number[], from: string, sizes: "lines" | "taps"): string {
  const lines = dims
    .toReversed()
    .map((d) => `let index${d} = rest % p.b_${sizes}_${d};\nrest /= p.b_${sizes}_${d};`);
  return [`var rest = ${from};`, ...lines].join("\n");
}

function placeCode(d: number, type: string, divided: boolean): string {
  const none = `{ return ${type}(0); }`;
  const at = `line.at${d} + i32(index${d}) * p.b_k_step_${d}`;
  return `${divided ? "var" : "let"} at${d} = ${at};
${divided ? `if (at${d} % p.b_divisor_${d} != 0) ${none}\nat${d} /= p.b_divisor_${d};` : ""}
if (at${d} < 0 || at${d} >= p.b_size_${d}) ${none}
place += u32(at${d}) * p.b_stride_${d};`;
}
