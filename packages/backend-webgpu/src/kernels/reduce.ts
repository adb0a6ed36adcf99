// Reductions to one value: sums, products, extrema, and the positions of extrema. Short rows take one
// invocation each, longer ones a workgroup; few very long ones are reduced in two stages.
import type { DType, Kernel, KernelOf, Kernels, ops, Shape, View } from "@tead/tensor";
import { numelOf } from "@tead/tensor";
import type { Failing } from "../gpu/failures.ts";
import { type Gpu, slotOf } from "../gpu/gpu.ts";
import type { DeviceBuffer } from "../gpu/memory.ts";
import type { ProgramSource } from "../gpu/program.ts";
import { converted, loaded, numberType, storageType, stored } from "../wgsl/elements.ts";
import { type Reducer, type ReducerName, reducers } from "../wgsl/reducers.ts";
import { separate } from "./aliases.ts";
import {
  merged,
  offsetsCode,
  padded,
  type Walk,
  walkParams,
  walkValues,
  workgroupSize,
} from "./geometry.ts";

/** Rows up to this length take one invocation each. */
const shortRow = 64;
/** Elements of one part of a row that is reduced in two stages. */
const partSize = 16384;
/** With so many rows, the GPU is busy without splitting them. */
const manyRows = 64;

interface ReduceAttrs {
  readonly dims: readonly number[];
  readonly keepDim: boolean;
}

/** What is reduced, and where the result goes. */
interface Reduction {
  readonly op: string;
  readonly reducer: Reducer;
  readonly input: View;
  readonly output: View;
  /** The rows: what is kept, with the strides of output and input. */
  readonly outer: Walk;
  /** Within a row: the input's strides. */
  readonly inner: Walk;
  /** The dtype in which values are combined. */
  readonly compute: DType;
  readonly call: Failing;
}

function reduceKernel(gpu: Gpu, op: ReducerName): Kernel<readonly [View], ReduceAttrs> {
  return (call) => {
    const { inputs, outputs, attrs } = call;
    const { dims, keepDim } = attrs;
    const to = outputs[0] as View;
    separate(gpu, op, inputs, [to], ([input]) =>
      reduce(gpu, {
        ...walksOf(input as View, to, dims, keepDim),
        op,
        reducer: reducers[op],
        compute: to.dtype,
        call,
      }),
    );
  };
}

function argKernel(gpu: Gpu, op: "argmax" | "argmin"): KernelOf<typeof ops.argmaxOp> {
  return (call) => {
    const { inputs, outputs, attrs } = call;
    const { dim, keepDim } = attrs;
    const to = outputs[0] as View;
    separate(gpu, op, inputs, [to], ([view]) => {
      const input = view as View;
      const dims = input.shape.length === 0 ? [] : [dim];
      const walks = walksOf(input, to, dims, keepDim);
      reduce(gpu, { ...walks, op, reducer: reducers[op], compute: input.dtype, call });
    });
  };
}

/** Sums, products and extrema over dims; positions of extrema along one. */
export const reduceKernels = (
  gpu: Gpu,
): Pick<Kernels, "sum" | "prod" | "amax" | "amin" | "argmax" | "argmin"> => ({
  sum: reduceKernel(gpu, "sum"),
  prod: reduceKernel(gpu, "prod"),
  amax: reduceKernel(gpu, "amax"),
  amin: reduceKernel(gpu, "amin"),
  argmax: argKernel(gpu, "argmax"),
  argmin: argKernel(gpu, "argmin"),
});

function walksOf(
  input: View,
  output: View,
  dims: readonly number[],
  keepDim: boolean,
): Pick<Reduction, "input" | "output" | "outer" | "inner"> {
  const kept = [...input.shape.keys()].filter((dim) => !dims.includes(dim));
  const pick = (values: Shape, at: readonly number[]): number[] =>
    at.map((dim) => values[dim] as number);
  const outputStrides = keepDim ? pick(output.strides, kept) : output.strides;
  return {
    input,
    output,
    outer: padded(
      merged({
        shape: pick(input.shape, kept),
        strides: [outputStrides, pick(input.strides, kept)],
      }),
    ),
    inner: padded(merged({ shape: pick(input.shape, dims), strides: [pick(input.strides, dims)] })),
  };
}

/** Whether a result beyond int32 is reported. Parts of it may leave int32 where the whole does not. */
function isChecked({ reducer, compute }: Reduction): boolean {
  return reducer.mayOverflow && compute === "int32";
}

function reduce(gpu: Gpu, reduction: Reduction): void {
  const { outer, inner, compute, reducer } = reduction;
  const rows = numelOf(outer.shape);
  const count = numelOf(inner.shape);
  const whole = reducer.position || isChecked(reduction) || rows >= manyRows;
  const parts = whole ? 1 : Math.ceil(count / partSize);
  if (parts === 1) {
    runStage(gpu, reduction, 1, false);
    return;
  }
  const dtype = numberType(compute) === "f32" ? "float32" : "int32";
  const buffer = gpu.allocate(dtype, rows * parts);
  runStage(gpu, { ...reduction, output: plain(buffer, [rows * parts]) }, parts, true);
  const partial = plain(buffer, [rows, parts]);
  const second: Reduction = {
    ...reduction,
    input: partial,
    inner: { shape: [parts], strides: [[1]] },
    outer: withRows(outer, parts),
  };
  runStage(gpu, second, 1, false);
  gpu.memory.free(buffer);
}

/** The rows of the second stage: the output's strides, and partial results row by row. */
function withRows({ shape, strides: [output] }: Walk, parts: number): Walk {
  const own = new Array<number>(shape.length);
  let stride = parts;
  for (let d = shape.length - 1; d >= 0; d--) {
    own[d] = stride;
    stride *= shape[d] as number;
  }
  return { shape, strides: [output ?? [], own] };
}

const plain = (buffer: DeviceBuffer, shape: Shape): View => ({
  buffer,
  dtype: buffer.dtype,
  shape,
  strides: [],
  offset: 0,
});

function runStage(gpu: Gpu, reduction: Reduction, parts: number, partial: boolean): void {
  const { op, reducer, input, output, outer, inner, compute } = reduction;
  const checked = isChecked(reduction);
  const rows = numelOf(outer.shape);
  const count = numelOf(inner.shape);
  const lanes = lanesFor(count);
  const ranks = [outer.shape.length, inner.shape.length] as const;
  const work = rows * parts;
  const dtypes = [input.dtype, compute, output.dtype] as const;
  gpu.run({
    op,
    key: `${reducer.name} ${dtypes} ${ranks} ${lanes} ${partial}`,
    source: () => reduceSource({ reducer, dtypes, ranks, lanes, partial, checked }),
    buffers: [slotOf(output), slotOf(input)],
    params: [
      work,
      count,
      parts,
      Math.ceil(count / parts),
      ...walkValues(outer),
      ...walkValues(inner),
      output.offset,
      input.offset,
    ],
    groups: lanes === 1 ? Math.ceil(work / workgroupSize) : work,
    failure: checked ? { call: reduction.call, code: "integerOverflow" } : undefined,
  });
}

/** How many invocations share a row of so many elements. */
function lanesFor(count: number): number {
  if (count <= shortRow) return 1;
  return count <= 2048 ? 64 : 256;
}

/** What the text of the shader depends on. */
interface Variant {
  readonly reducer: Reducer;
  /** Of the input, of the computation, of the output. */
  readonly dtypes: readonly [DType, DType, DType];
  /** Of the rows, and within a row. */
  readonly ranks: readonly [number, number];
  /** The invocations that share a row. */
  readonly lanes: number;
  readonly partial: boolean;
  readonly checked: boolean;
}

function reduceSource(variant: Variant): ProgramSource {
  const { reducer, dtypes, ranks, lanes, partial, checked } = variant;
  const [from, compute, to] = dtypes;
  const [outer, inner] = ranks;
  const element = loaded(from, "x[p.x_offset + x_row_at + x_in_at]");
  const value = converted(from, compute, element);
  const result = reducer.position ? "resultOf(state)" : stored(to, "resultOf(state)");
  const write = `${checked ? "if (overflows(state)) { fail(task); }\n" : ""}\
y[${partial ? "task" : "p.y_offset + y_row_at"}] = ${result};`;
  return {
    params: [
      ...["tasks", "count", "parts", "partSize"].map((name) => ({ name, type: "u32" }) as const),
      ...walkParams(outer, ["y", "x"], "row_"),
      ...walkParams(inner, ["x"], "in_"),
      { name: "y_offset", type: "u32" },
      { name: "x_offset", type: "u32" },
    ],
    bindings: [
      { name: "y", type: storageType(to), access: "read_write" },
      { name: "x", type: storageType(from), access: "read" },
    ],
    workgroup: [lanes === 1 ? workgroupSize : lanes, 1, 1],
    fallible: checked,
    declarations: `${reducer.declarations(numberType(compute), checked)}
${lanes === 1 ? "" : `var<workgroup> states: array<State, ${lanes}>;`}`,
    main: `let task = ${lanes === 1 ? "i" : "group"};
if (task >= p.tasks) { return; }
let part = task % p.parts;
${offsetsCode(outer, ["y", "x"], "task / p.parts", "row_")}
let last = min(p.count, (part + 1u) * p.partSize);
var state = initial();
for (var k = part * p.partSize${lanes === 1 ? "" : " + local"}; k < last; k += ${lanes}u) {
${offsetsCode(inner, ["x"], "k", "in_")}
state = merge(state, stateOf(${value}, k));
}
${lanes === 1 ? write : tree(lanes, write)}`,
  };
}

/** The workgroup's states, merged by halves. */
const tree = (lanes: number, write: string): string => `states[local] = state;
for (var width = ${lanes / 2}u; width > 0u; width >>= 1u) {
workgroupBarrier();
if (local < width) { states[local] = merge(states[local], states[local + width]); }
}
if (local == 0u) {
state = states[0];
${write}
}`;
