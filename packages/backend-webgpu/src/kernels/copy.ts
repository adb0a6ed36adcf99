// Making values: copies with conversion, constants, ranges.
import { isFloat, type KernelOf, numelOf, type ops, type View } from "@tead/tensor";
import { type Gpu, slotOf } from "../gpu/gpu.ts";
import type { ProgramSource } from "../gpu/program.ts";
import { numberType, storageType, stored } from "../wgsl/elements.ts";
import { mathSource } from "../wgsl/math.ts";
import { separate } from "./aliases.ts";
import { copyElements } from "./copy-elements.ts";
import { merged, offsetsCode, padded, walkParams, walkValues, workgroupSize } from "./geometry.ts";

export function copyKernel(gpu: Gpu): KernelOf<typeof ops.copyOp> {
  return ({ inputs, outputs: [output] }) => {
    const to = output as View;
    separate(gpu, "copy", inputs, [to], ([from]) => copyElements(gpu, "copy", from as View, to));
  };
}

export function fillKernel(gpu: Gpu): KernelOf<typeof ops.fillOp> {
  return ({ outputs: [output], attrs: { value } }) => {
    const to = output as View;
    fillElements(gpu, "fill", to, Number(value));
  };
}

/** Writes one value to every element of a view. */
export function fillElements(gpu: Gpu, op: string, to: View, value: number): void {
  const { dtype } = to;
  const count = numelOf(to.shape);
  const walk = padded(merged({ shape: to.shape, strides: [to.strides] }));
  const rank = walk.shape.length;
  gpu.run({
    op,
    key: `fill ${dtype} ${rank}`,
    source: () => ({
      params: [
        { name: "count", type: "u32" },
        ...walkParams(rank, ["y"]),
        { name: "y_offset", type: "u32" },
        { name: "value", type: numberType(dtype) },
      ],
      bindings: [{ name: "y", type: storageType(dtype), access: "read_write" }],
      workgroup: [workgroupSize, 1, 1],
      main: `if (i >= p.count) { return; }
${offsetsCode(rank, ["y"], "i")}
y[p.y_offset + y_at] = ${stored(dtype, "p.value")};`,
    }),
    buffers: [slotOf(to)],
    params: [count, ...walkValues(walk), to.offset, dtype === "bool" ? Number(value !== 0) : value],
    groups: Math.ceil(count / workgroupSize),
  });
}

export function arangeKernel(gpu: Gpu): KernelOf<typeof ops.arangeOp> {
  return ({ outputs: [output], attrs: { start, step, count } }) => {
    const to = output as View;
    const { dtype } = to;
    const floats = isFloat(dtype);
    if (!floats && !(Number.isInteger(start) && Number.isInteger(step))) {
      uploadRange(gpu, to, start, step, count);
      return;
    }
    const numbers = floats ? [...parts(start), ...parts(step)] : [start, step];
    gpu.run({
      op: "arange",
      key: `arange ${dtype}`,
      source: () => arangeSource(to, floats),
      buffers: [slotOf(to)],
      params: [count, to.offset, to.strides[0] as number, ...numbers],
      groups: Math.ceil(count / workgroupSize),
    });
  };
}

/** A number as a float32 and what it leaves of it. */
function parts(x: number): [number, number] {
  const high = Math.fround(x);
  return [high, Number.isFinite(high) ? x - high : 0];
}

// start + step * i with the rounding errors and the low parts added back: as precise as
// one rounding of the exact result.
const floatRange = `let n = f32(i);
let product = p.step * n;
let sum = p.start + product;
let lost = lostInProduct(p.step, n, product) + lostInSum(p.start, product, sum);
let value = sum + (lost + fma(p.stepRest, n, p.startRest));`;

function arangeSource({ dtype }: View, floats: boolean): ProgramSource {
  const type = numberType(dtype);
  const names = floats ? ["start", "startRest", "step", "stepRest"] : ["start", "step"];
  return {
    params: [
      { name: "count", type: "u32" },
      { name: "offset", type: "u32" },
      { name: "stride", type: "u32" },
      ...names.map((name) => ({ name, type })),
    ],
    bindings: [{ name: "y", type: storageType(dtype), access: "read_write" }],
    workgroup: [workgroupSize, 1, 1],
    declarations: floats ? mathSource(floatRange) : "",
    main: `if (i >= p.count) { return; }
${floats ? floatRange : "let value = p.start + p.step * i32(i);"}
y[p.offset + i * p.stride] = ${stored(dtype, "value")};`,
  };
}

/** Integers from fractions: rounded by the host. */
function uploadRange(gpu: Gpu, to: View, start: number, step: number, count: number): void {
  const values = Int32Array.from({ length: count }, (_, i) => Math.trunc(start + step * i));
  const whole = gpu.allocate("int32", count);
  gpu.transfer.write(whole, 0, values);
  const from: View = { buffer: whole, dtype: "int32", shape: [count], strides: [1], offset: 0 };
  copyElements(gpu, "arange", from, to);
  gpu.memory.free(whole);
}
