// Running sums and products along one dim: one invocation a row.
import type { DType, Kernel, Kernels, View } from "@tead/tensor";
import { numelOf } from "@tead/tensor";
import type { Failing } from "../gpu/failures.ts";
import { type Gpu, slotOf } from "../gpu/gpu.ts";
import type { ProgramSource } from "../gpu/program.ts";
import { converted, loaded, numberType, storageType, stored } from "../wgsl/elements.ts";
import { type Reducer, reducers } from "../wgsl/reducers.ts";
import { separate } from "./aliases.ts";
import { merged, offsetsCode, padded, walkParams, walkValues, workgroupSize } from "./geometry.ts";

type ScanName = "cumsum" | "cumprod";
const scans: Readonly<Record<ScanName, Reducer>> = {
  cumsum: reducers.sum,
  cumprod: reducers.prod,
};

/** Running sums and products. */
export const scanKernels = (gpu: Gpu): Pick<Kernels, ScanName> => ({
  cumsum: scanKernel(gpu, "cumsum"),
  cumprod: scanKernel(gpu, "cumprod"),
});

function scanKernel(gpu: Gpu, op: ScanName): Kernel<readonly [View], { readonly dim: number }> {
  return (call) => {
    const { inputs, outputs, attrs } = call;
    const to = outputs[0] as View;
    separate(gpu, op, inputs, [to], ([x]) => scan(gpu, op, call, x as View, to, attrs.dim));
  };
}

function scan(gpu: Gpu, op: ScanName, call: Failing, x: View, y: View, dim: number): void {
  const without = (values: readonly number[]): readonly number[] =>
    values.length === 0 ? values : values.toSpliced(dim, 1);
  const walk = padded(
    merged({ shape: without(x.shape), strides: [without(y.strides), without(x.strides)] }),
  );
  const rows = numelOf(walk.shape);
  const rank = walk.shape.length;
  gpu.run({
    op,
    key: `${op} ${x.dtype} ${y.dtype} ${rank}`,
    source: () => scanSource(op, x.dtype, y.dtype, rank),
    buffers: [slotOf(y), slotOf(x)],
    params: [
      rows,
      x.shape[dim] ?? 1,
      y.strides[dim] ?? 0,
      x.strides[dim] ?? 0,
      ...walkValues(walk),
      y.offset,
      x.offset,
    ],
    groups: Math.ceil(rows / workgroupSize),
    failure: y.dtype === "int32" ? { call, code: "integerOverflow" } : undefined,
  });
}

function scanSource(op: ScanName, from: DType, to: DType, rank: number): ProgramSource {
  const checked = to === "int32";
  const value = converted(from, to, loaded(from, "x[x_from + k * p.x_step]"));
  return {
    params: [
      ...["rows", "count", "y_step", "x_step"].map((name) => ({ name, type: "u32" }) as const),
      ...walkParams(rank, ["y", "x"]),
      { name: "y_offset", type: "u32" },
      { name: "x_offset", type: "u32" },
    ],
    bindings: [
      { name: "y", type: storageType(to), access: "read_write" },
      { name: "x", type: storageType(from), access: "read" },
    ],
    workgroup: [workgroupSize, 1, 1],
    fallible: checked,
    declarations: scans[op].declarations(numberType(to), checked),
    main: `if (i >= p.rows) { return; }
${offsetsCode(rank, ["y", "x"], "i")}
let y_from = p.y_offset + y_at;
let x_from = p.x_offset + x_at;
var total = initial();
for (var k = 0u; k < p.count; k++) {
total = merge(total, stateOf(${value}, k));
${checked ? "if (overflows(total)) { fail(i * p.count + k); }" : ""}
y[y_from + k * p.y_step] = ${stored(to, "resultOf(total)")};
}`,
  };
}
