// Softmax, its logarithm, and their gradients: one dispatch over the rows along a dim.
import type { Kernel, Kernels, View } from "@tead/tensor";
import { type Gpu, slotOf } from "../gpu/gpu.ts";
import type { ProgramSource } from "../gpu/program.ts";
import { loaded, storageType, stored } from "../wgsl/elements.ts";
import { mathSource } from "../wgsl/math.ts";
import { totalsSource } from "../wgsl/totals.ts";
import { densely } from "./aliases.ts";
import { around, workgroupSize } from "./geometry.ts";

/** Rows up to this length take one invocation each. */
const shortRow = 32;

/** How an op goes over a row, with `x(k)`, and `g(k)` in gradients, for its elements. */
interface Rule {
  readonly inputs: readonly string[];
  /** Numbers of the whole row, each by one pass. */
  readonly passes: readonly string[];
  /** Element k of the result. */
  readonly result: string;
}

const pass = (name: string, start: string, step: string, how: "total" | "largest"): string =>
  `var own_${name} = ${start};
for (var k = first; k < p.count; k += lanes) { own_${name} = ${step}; }
let ${name} = ${how}(own_${name}, local);`;

// A NaN is lost in a maximum, but not in the sum after it.
const maximum = pass("most", "-3.402823466e38", "max(own_most, x(row, k))", "largest");
const exponentials = pass("sum", "0.0", "own_sum + exponential(x(row, k) - most)", "total");

const rules: Readonly<Record<SoftmaxOp, Rule>> = {
  softmax: {
    inputs: ["x"],
    passes: [maximum, exponentials],
    result: "exponential(x(row, k) - most) / sum",
  },
  logSoftmax: {
    inputs: ["x"],
    passes: [maximum, exponentials, "let logOfSum = logarithm(sum);"],
    result: "x(row, k) - most - logOfSum",
  },
  // y (g - sum(g y))
  softmaxGrad: {
    inputs: ["g", "x"],
    passes: [pass("sum", "0.0", "own_sum + g(row, k) * x(row, k)", "total")],
    result: "x(row, k) * (g(row, k) - sum)",
  },
  // g - exp(y) sum(g)
  logSoftmaxGrad: {
    inputs: ["g", "x"],
    passes: [pass("sum", "0.0", "own_sum + g(row, k)", "total")],
    result: "g(row, k) - exponential(x(row, k)) * sum",
  },
};
type SoftmaxOp = "softmax" | "logSoftmax" | "softmaxGrad" | "logSoftmaxGrad";

export const softmaxKernels = (gpu: Gpu): Pick<Kernels, SoftmaxOp> => ({
  softmax: softmaxKernel(gpu, "softmax"),
  logSoftmax: softmaxKernel(gpu, "logSoftmax"),
  softmaxGrad: softmaxKernel(gpu, "softmaxGrad"),
  logSoftmaxGrad: softmaxKernel(gpu, "logSoftmaxGrad"),
});

function softmaxKernel(gpu: Gpu, op: SoftmaxOp): Kernel<readonly View[], { readonly dim: number }> {
  return ({ inputs, outputs, attrs: { dim } }) => {
    densely(gpu, op, inputs, outputs, (operands, results) => {
      const views = [...results, ...operands] as readonly View[];
      const { shape, dtype } = views[0] as View;
      const [outer, count, inner] = around(shape, dim);
      const rows = outer * inner;
      if (rows * count === 0) return;
      const lanes = count <= shortRow ? 1 : count <= 1024 ? 64 : 256;
      gpu.run({
        op,
        key: `${op} ${dtype} ${lanes}`,
        source: () => rowSource(rules[op], views[0] as View, lanes),
        buffers: views.map(slotOf),
        params: [rows, count, inner, ...views.map(({ offset }) => offset)],
        groups: lanes === 1 ? Math.ceil(rows / workgroupSize) : rows,
      });
    });
  };
}

function rowSource(
  { inputs, passes, result }: Rule,
  { dtype }: View,
  lanes: number,
): ProgramSource {
  const type = storageType(dtype);
  const read = (name: string): string => `fn ${name}(row: u32, k: u32) -> f32 {
return ${loaded(dtype, `${name}_data[p.${name}_offset + row + k * p.step]`)};
}`;
  return {
    params: ["rows", "count", "step", ...["y", ...inputs].map((name) => `${name}_offset`)].map(
      (name) => ({ name, type: "u32" }),
    ),
    bindings: [
      { name: "y_data", type, access: "read_write" },
      ...inputs.map((name) => ({ name: `${name}_data`, type, access: "read" }) as const),
    ],
    workgroup: [lanes === 1 ? workgroupSize : lanes, 1, 1],
    declarations: [
      mathSource(result, ...passes),
      totalsSource(lanes),
      ...inputs.map(read),
      `const lanes = ${lanes}u;`,
    ].join("\n"),
    main: `let number = ${lanes === 1 ? "i" : "group"};
if (number >= p.rows) { return; }
let row = number / p.step * p.step * p.count + number % p.step;
let first = ${lanes === 1 ? "0u" : "local"};
${passes.join("\n")}
for (var k = first; k < p.count; k += lanes) {
y_data[p.y_offset + row + k * p.step] = ${stored(dtype, result)};
}`,
  };
}
