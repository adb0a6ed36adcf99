// Looking up rows by index, and the gradient: the rows that were looked up, added where they came
// from. Every index is checked before it is used; a negative one is out of range.
import { type KernelOf, type Kernels, numelOf, type ops, type View } from "@tead/tensor";
import { bufferOf, type Gpu, slotOf } from "../gpu/gpu.ts";
import type { ProgramSource } from "../gpu/program.ts";
import { loaded, storageType, stored } from "../wgsl/elements.ts";
import { densely } from "./aliases.ts";
import { fillElements } from "./copy.ts";
import { workgroupSize } from "./geometry.ts";

export const embeddingKernels = (gpu: Gpu): Pick<Kernels, "embedding" | "embeddingGrad"> => ({
  embedding: embeddingKernel(gpu),
  embeddingGrad: embeddingGradKernel(gpu),
});

/** `row`: the index at a position as a row, 0 where it is out of range, which is reported. */
const rowCode = (index: View, position: string): string => `var row = ${loaded(
  index.dtype,
  `indices[p.indices_offset + ${position}]`,
)};
if (row < 0 || row >= i32(p.rows)) { fail(${position}); row = 0; }`;

function embeddingKernel(gpu: Gpu): KernelOf<typeof ops.embeddingOp> {
  return (call) => {
    densely(gpu, "embedding", call.inputs, call.outputs, (operands, results) => {
      const [index, weight] = operands as readonly [View, View];
      const y = results[0] as View;
      const count = numelOf(y.shape);
      const views = [y, index, weight];
      gpu.run({
        op: "embedding",
        key: `embedding ${y.dtype} ${index.dtype}`,
        source: (): ProgramSource => ({
          params: ["count", "rows", "size", "y_offset", "indices_offset", "w_offset"].map(
            (name) => ({ name, type: "u32" }),
          ),
          bindings: [
            { name: "y", type: storageType(y.dtype), access: "read_write" },
            { name: "indices", type: storageType(index.dtype), access: "read" },
            { name: "w", type: storageType(y.dtype), access: "read" },
          ],
          workgroup: [workgroupSize, 1, 1],
          fallible: true,
          main: `if (i >= p.count) { return; }
${rowCode(index, "i / p.size")}
y[p.y_offset + i] = w[p.w_offset + u32(row) * p.size + i % p.size];`,
        }),
        buffers: views.map(slotOf),
        params: [count, ...weight.shape, ...views.map(({ offset }) => offset)],
        groups: Math.ceil(count / workgroupSize),
        failure: { call, code: "indexOutOfRange" },
      });
    });
  };
}

function embeddingGradKernel(gpu: Gpu): KernelOf<typeof ops.embeddingGradOp> {
  return (call) => {
    const { numEmbeddings, paddingIdx, scaleGradByFreq } = call.attrs;
    densely(gpu, "embeddingGrad", call.inputs, call.outputs, (operands, results) => {
      const [g, index] = operands as readonly [View, View];
      const dw = results[0] as View;
      clearElements(gpu, dw);
      const count = numelOf(index.shape);
      const views = [dw, g, index];
      gpu.run({
        op: "embeddingGrad",
        key: `embeddingGrad ${g.dtype} ${index.dtype} ${scaleGradByFreq}`,
        source: () => gradSource(g, index, scaleGradByFreq),
        buffers: views.map(slotOf),
        params: [
          count,
          numEmbeddings,
          g.shape.at(-1) as number,
          paddingIdx ?? -1,
          ...views.map(({ offset }) => offset),
        ],
        groups: count,
        failure: { call, code: "indexOutOfRange" },
      });
    });
  };
}

/** Zeros without a dispatch, where the view begins with its memory. */
function clearElements(gpu: Gpu, view: View): void {
  const { byteLength } = bufferOf(view).layout;
  if (view.offset !== 0 || byteLength !== 4) fillElements(gpu, "embeddingGrad", view, 0);
  else gpu.commands.clear(slotOf(view), numelOf(view.shape) * byteLength);
}

// A workgroup for each position: if none before it has its index, it adds the rows of all that have.
function gradSource({ dtype }: View, index: View, byFrequency: boolean): ProgramSource {
  const same = (position: string): string =>
    `${loaded(index.dtype, `indices[p.indices_offset + ${position}]`)} == row`;
  return {
    params: [
      ...["count", "rows", "size"].map((name) => ({ name, type: "u32" }) as const),
      { name: "padding", type: "i32" },
      ...["dw", "g", "indices"].map((name) => ({ name: `${name}_offset`, type: "u32" }) as const),
    ],
    bindings: [
      { name: "dw", type: storageType(dtype), access: "read_write" },
      { name: "g", type: storageType(dtype), access: "read" },
      { name: "indices", type: storageType(index.dtype), access: "read" },
    ],
    workgroup: [workgroupSize, 1, 1],
    fallible: true,
    declarations: "var<workgroup> earlier: atomic<u32>;",
    main: `if (group >= p.count) { return; }
${rowCode(index, "group")}
for (var k = local; k < group; k += ${workgroupSize}u) {
if (${same("k")}) { atomicStore(&earlier, 1u); break; }
}
workgroupBarrier();
if (atomicLoad(&earlier) != 0u || row == p.padding) { return; }
for (var column = local; column < p.size; column += ${workgroupSize}u) {
var sum = 0.0;
var seen = 0u;
for (var k = group; k < p.count; k++) {
if (${same("k")}) { sum += ${loaded(dtype, "g[p.g_offset + k * p.size + column]")}; seen++; }
}
dw[p.dw_offset + u32(row) * p.size + column] = \
${stored(dtype, byFrequency ? "sum / f32(seen)" : "sum")};
}`,
  };
}
