// Writing by index: scatter, whose last write wins, and scatterAdd, which sums in the order of the
// index. Both start from a copy of the input and give the same result on every run; only sums into
// few and long rows are added by atomics, in any order.
import type { DType, KernelCall, KernelOf, ops, View } from "@tead/tensor";
import { contiguousStrides, numelOf } from "@tead/tensor";
import { type Gpu, slotOf } from "../gpu/gpu.ts";
import type { Slot } from "../gpu/memory.ts";
import type { Param, ProgramSource } from "../gpu/program.ts";
import { loaded, storageType, stored } from "../wgsl/elements.ts";
import { separate } from "./aliases.ts";
import { copyElements } from "./copy-elements.ts";
import {
  merged,
  offsetsCode,
  padded,
  sameGeometry,
  walkParams,
  walkValues,
  workgroupSize,
} from "./geometry.ts";
import { checkedIndex, withoutDim } from "./indexing.ts";

/** A row longer than this is not summed by one invocation where there are few rows. */
const longRow = 8192;
const manyRows = 64;

type Inputs = readonly [View, View, View];
type Call = KernelCall<Inputs, { readonly dim: number }>;

export function scatterKernel(gpu: Gpu): KernelOf<typeof ops.scatterOp> {
  return (call) => {
    onCopy(gpu, "scatter", call, (index, source, y) => {
      const winners = numelOf(y.shape) * 4;
      gpu.withScratch(winners, (scratch) => {
        gpu.commands.clear(scratch, winners);
        for (const phase of ["claim", "write"] as const)
          runScatter(gpu, call, { index, source, y, scratch, phase });
      });
    });
  };
}

export function scatterAddKernel(gpu: Gpu): KernelOf<typeof ops.scatterAddOp> {
  return (call) => {
    const { dim } = call.attrs;
    onCopy(gpu, "scatterAdd", call, (index, source, y) => {
      const count = index.shape[dim] ?? 1;
      const rows = count === 0 ? 0 : numelOf(index.shape) / count;
      const atomic = y.dtype === "float32" || y.dtype === "int32";
      if (atomic && count > longRow && rows < manyRows) addByAtomics(gpu, call, index, source, y);
      else addByRows(gpu, call, index, source, y, rows);
    });
  };
}

/** Copies the input to the output, unless it is the output, then works on that. */
function onCopy(
  gpu: Gpu,
  op: string,
  { inputs, outputs }: Call,
  work: (index: View, source: View, y: View) => void,
): void {
  const y = outputs[0] as View;
  const input = inputs[0];
  const inPlace = input.buffer === y.buffer && sameGeometry(input, y);
  const others: readonly View[] = [inputs[1], coveredBy(inputs[1], inputs[2])];
  const all = inPlace ? others : [...others, input];
  separate(gpu, op, all, [y], ([index, source, from]) => {
    if (from !== undefined) copyElements(gpu, op, from, y);
    if (numelOf(inputs[1].shape) > 0) work(index as View, source as View, y);
  });
}

/** The part of the source that the index covers. */
function coveredBy({ shape }: View, { buffer, dtype, strides, offset }: View): View {
  return { buffer, dtype, strides, offset, shape };
}

const u32 = (name: string): Param => ({ name, type: "u32" });
const offsets = ["y_offset", "index_offset", "source_offset"];

interface Scatter {
  readonly index: View;
  readonly source: View;
  readonly y: View;
  /** For each element of y, contiguous: 1 + the last position of the index that points there. */
  readonly scratch: Slot;
  readonly phase: "claim" | "write";
}

function runScatter(gpu: Gpu, call: Call, { index, source, y, scratch, phase }: Scatter): void {
  const { dim } = call.attrs;
  const flat = contiguousStrides(y.shape);
  const walk = padded(
    merged({
      shape: index.shape,
      strides: [withoutDim(y.strides, dim), index.strides, source.strides, withoutDim(flat, dim)],
    }),
  );
  const count = numelOf(index.shape);
  const rank = walk.shape.length;
  gpu.run({
    op: "scatter",
    key: `scatter ${phase} ${y.dtype} ${index.dtype} ${rank}`,
    source: () => scatterSource(phase, y.dtype, index.dtype, rank),
    buffers:
      phase === "claim"
        ? [scratch, slotOf(index)]
        : [slotOf(y), slotOf(index), slotOf(source), scratch],
    params: [
      count,
      y.shape[dim] ?? 1,
      y.strides[dim] ?? 0,
      flat[dim] ?? 0,
      ...walkValues(walk),
      y.offset,
      index.offset,
      source.offset,
    ],
    groups: Math.ceil(count / workgroupSize),
    failure: { call, code: "indexOutOfRange" },
  });
}

function scatterSource(
  phase: "claim" | "write",
  dtype: DType,
  indexDType: DType,
  rank: number,
): ProgramSource {
  const names = ["y", "index", "source", "flat"];
  const indices = { name: "indices", type: storageType(indexDType), access: "read" } as const;
  const winner = "winners[flat_at + place * p.flat_step]";
  return {
    params: [
      ...["count", "extent", "y_step", "flat_step"].map(u32),
      ...walkParams(rank, names),
      ...offsets.map(u32),
    ],
    bindings:
      phase === "claim"
        ? [{ name: "winners", type: "atomic<u32>", access: "read_write" }, indices]
        : [
            { name: "y", type: storageType(dtype), access: "read_write" },
            indices,
            { name: "source", type: storageType(dtype), access: "read" },
            { name: "winners", type: "u32", access: "read" },
          ],
    workgroup: [workgroupSize, 1, 1],
    fallible: true,
    main: `if (i >= p.count) { return; }
${offsetsCode(rank, names, "i")}
${checkedIndex(indexDType, "indices[p.index_offset + index_at]", "i")}
${
  phase === "claim"
    ? `atomicMax(&${winner}, i + 1u);`
    : `if (${winner} == i + 1u) {
y[p.y_offset + y_at + place * p.y_step] = source[p.source_offset + source_at];
}`
}`,
  };
}

/** One invocation walks along `dim` and adds in order: rows never meet. */
function addByRows(gpu: Gpu, call: Call, index: View, source: View, y: View, rows: number): void {
  const { dim } = call.attrs;
  const without = (values: readonly number[]): readonly number[] =>
    values.length === 0 ? values : values.toSpliced(dim, 1);
  const walk = padded(
    merged({
      shape: without(index.shape),
      strides: [y, index, source].map((view) => without(view.strides)),
    }),
  );
  const rank = walk.shape.length;
  const rowStep = contiguousStrides(index.shape)[dim] ?? 1;
  gpu.run({
    op: "scatterAdd",
    key: `scatterAdd rows ${y.dtype} ${index.dtype} ${rank}`,
    source: () => rowsSource(y.dtype, index.dtype, rank),
    buffers: [slotOf(y), slotOf(index), slotOf(source)],
    params: [
      rows,
      index.shape[dim] ?? 1,
      rowStep,
      y.shape[dim] ?? 1,
      ...[y, index, source].map((view) => view.strides[dim] ?? 0),
      ...walkValues(walk),
      y.offset,
      index.offset,
      source.offset,
    ],
    groups: Math.ceil(rows / workgroupSize),
    failure: { call, code: "indexOutOfRange" },
  });
}

function rowsSource(dtype: DType, indexDType: DType, rank: number): ProgramSource {
  const names = ["y", "index", "source"];
  const target = "y[goal]";
  const added = loaded(dtype, "source[p.source_offset + source_at + k * p.source_step]");
  // A bool is added as or, which is what storing a count as a bool gives.
  return {
    params: [
      ...["rows", "count", "row_step", "extent"].map(u32),
      ...names.map((name) => u32(`${name}_step`)),
      ...walkParams(rank, names),
      ...offsets.map(u32),
    ],
    bindings: [
      { name: "y", type: storageType(dtype), access: "read_write" },
      { name: "indices", type: storageType(indexDType), access: "read" },
      { name: "source", type: storageType(dtype), access: "read" },
    ],
    workgroup: [workgroupSize, 1, 1],
    fallible: true,
    main: `if (i >= p.rows) { return; }
${offsetsCode(rank, names, "i")}
// The row's first position in the flat index
let start = i / p.row_step * p.row_step * p.count + i % p.row_step;
for (var k = 0u; k < p.count; k++) {
${checkedIndex(
  indexDType,
  "indices[p.index_offset + index_at + k * p.index_step]",
  "start + k * p.row_step",
)}
let goal = p.y_offset + y_at + place * p.y_step;
${target} = ${stored(dtype, `${loaded(dtype, target)} + ${added}`)};
}`,
  };
}

/** Every element by an invocation of its own, added atomically. */
function addByAtomics(gpu: Gpu, call: Call, index: View, source: View, y: View): void {
  const { dim } = call.attrs;
  const walk = padded(
    merged({
      shape: index.shape,
      strides: [withoutDim(y.strides, dim), index.strides, source.strides],
    }),
  );
  const count = numelOf(index.shape);
  const rank = walk.shape.length;
  gpu.run({
    op: "scatterAdd",
    key: `scatterAdd atomics ${y.dtype} ${index.dtype} ${rank}`,
    source: () => atomicsSource(y.dtype, index.dtype, rank),
    buffers: [slotOf(y), slotOf(index), slotOf(source)],
    params: [
      count,
      y.shape[dim] ?? 1,
      y.strides[dim] ?? 0,
      ...walkValues(walk),
      y.offset,
      index.offset,
      source.offset,
    ],
    groups: Math.ceil(count / workgroupSize),
    failure: { call, code: "indexOutOfRange" },
  });
}

// A float sum is tried until no other invocation came between the read and the write.
const addFloat = `var seen = atomicLoad(&y[goal]);
loop {
let sum = bitcast<u32>(bitcast<f32>(seen) + source[at]);
let swapped = atomicCompareExchangeWeak(&y[goal], seen, sum);
if (swapped.exchanged) { break; }
seen = swapped.old_value;
}`;

function atomicsSource(dtype: DType, indexDType: DType, rank: number): ProgramSource {
  const names = ["y", "index", "source"];
  const floats = dtype === "float32";
  return {
    params: [
      ...["count", "extent", "y_step"].map(u32),
      ...walkParams(rank, names),
      ...offsets.map(u32),
    ],
    bindings: [
      { name: "y", type: floats ? "atomic<u32>" : "atomic<i32>", access: "read_write" },
      { name: "indices", type: storageType(indexDType), access: "read" },
      { name: "source", type: storageType(dtype), access: "read" },
    ],
    workgroup: [workgroupSize, 1, 1],
    fallible: true,
    main: `if (i >= p.count) { return; }
${offsetsCode(rank, names, "i")}
${checkedIndex(indexDType, "indices[p.index_offset + index_at]", "i")}
let goal = p.y_offset + y_at + place * p.y_step;
let at = p.source_offset + source_at;
${floats ? addFloat : "atomicAdd(&y[goal], source[at]);"}`,
  };
}
