// Reading by index: indexSelect and gather. An index out of range is reported on the next await and
// reads the nearest element until then: no index is used unchecked.

import type { View } from "@tead/tensor";
import { type DType, type KernelCall, type KernelOf, numelOf, type ops } from "@tead/tensor";
import { type Gpu, slotOf } from "../gpu/gpu.ts";
import type { ProgramSource } from "../gpu/program.ts";
import { loaded, storageType } from "../wgsl/elements.ts";
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

type Call = KernelCall<readonly [View, View], { readonly dim: number }>;

/** Statements that turn an index into a place along the dim, reporting one that is out of range. */
export function checkedIndex(dtype: DType, element: string, position: string): string {
  return `var index = ${loaded(dtype, element)};
if (index < -i32(p.extent) || index >= i32(p.extent)) { fail(${position}); index = 0; }
let place = u32(select(index, index + i32(p.extent), index < 0));`;
}

/** Strides that leave one dim out: an index says where to go along it. */
export function withoutDim(strides: readonly number[], dim: number): readonly number[] {
  return strides.length === 0 ? strides : strides.with(dim, 0);
}

export function indexSelectKernel(gpu: Gpu): KernelOf<typeof ops.indexSelectOp> {
  return (call) => {
    const [, index] = call.inputs;
    const y = call.outputs[0] as View;
    const { dim } = call.attrs;
    // The index runs along one dim of the output; its position there is what is reported.
    const along = (step: number): number[] => y.shape.map((_, d) => (d === dim ? step : 0));
    read(gpu, "indexSelect", call, [along(index.strides[0] ?? 0), along(1)]);
  };
}

export function gatherKernel(gpu: Gpu): KernelOf<typeof ops.gatherOp> {
  return (call) => {
    const [, index] = call.inputs;
    const flat = index.shape.map((_, d) => numelOf(index.shape.slice(d + 1)));
    read(gpu, "gather", call, [index.strides, flat]);
  };
}

/** y = x at the index along `dim`, over the output's shape. */
function read(
  gpu: Gpu,
  op: string,
  call: Call,
  [indexStrides, positions]: readonly [readonly number[], readonly number[]],
): void {
  const { inputs, attrs, outputs } = call;
  const { dim } = attrs;
  const y = outputs[0] as View;
  separate(gpu, op, inputs, [y], (views) => {
    const [x, index] = views as readonly [View, View];
    const walk = padded(
      merged({
        shape: y.shape,
        strides: [y.strides, withoutDim(x.strides, dim), indexStrides, positions],
      }),
    );
    run(gpu, op, call, { x, y, index, walk });
  });
}

interface Reading {
  readonly x: View;
  readonly y: View;
  readonly index: View;
  readonly walk: Walk;
}

function run(gpu: Gpu, op: string, call: Call, { x, y, index, walk }: Reading): void {
  const { dim } = call.attrs;
  const count = numelOf(y.shape);
  const rank = walk.shape.length;
  gpu.run({
    op,
    key: `read by index ${x.dtype} ${index.dtype} ${rank}`,
    source: () => readSource(x.dtype, index.dtype, rank),
    buffers: [slotOf(y), slotOf(x), slotOf(index)],
    params: [
      count,
      x.shape[dim] ?? 1,
      x.strides[dim] ?? 0,
      ...walkValues(walk),
      y.offset,
      x.offset,
      index.offset,
    ],
    groups: Math.ceil(count / workgroupSize),
    failure: { call, code: "indexOutOfRange" },
  });
}

function readSource(dtype: DType, indexDType: DType, rank: number): ProgramSource {
  const names = ["y", "x", "index", "position"];
  const u32 = (name: string) => ({ name, type: "u32" }) as const;
  return {
    params: [
      ...["count", "extent", "x_step"].map(u32),
      ...walkParams(rank, names),
      ...["y_offset", "x_offset", "index_offset"].map(u32),
    ],
    bindings: [
      { name: "y", type: storageType(dtype), access: "read_write" },
      { name: "x", type: storageType(dtype), access: "read" },
      { name: "indices", type: storageType(indexDType), access: "read" },
    ],
    workgroup: [workgroupSize, 1, 1],
    fallible: true,
    main: `if (i >= p.count) { return; }
${offsetsCode(rank, names, "i")}
${checkedIndex(indexDType, "indices[p.index_offset + index_at]", "position_at")}
y[p.y_offset + y_at] = x[p.x_offset + x_at + place * p.x_step];`,
  };
}
