// Stable sort along a dim by merging: runs of 1, 2, 4, ... elements are merged in pairs, where each
// invocation finds its element's place in the other run by bisection. Values are compared as
// unsigned keys in which NaN is the greatest.
import type { DType, KernelOf, ops, View } from "@tead/tensor";
import { numelOf } from "@tead/tensor";
import { type Gpu, slotOf } from "../gpu/gpu.ts";
import type { Slot } from "../gpu/memory.ts";
import type { Binding, Param, ProgramSource } from "../gpu/program.ts";
import { loaded, numberType, storageType } from "../wgsl/elements.ts";
import { mathSource } from "../wgsl/math.ts";
import { separate } from "./aliases.ts";
import { merged, offsetsCode, padded, walkParams, walkValues, workgroupSize } from "./geometry.ts";

const u32 = (name: string): Param => ({ name, type: "u32" });

/** Keys and the positions that they came from, row by row. */
interface Run {
  readonly keys: Slot;
  readonly order: Slot;
}

export function sortKernel(gpu: Gpu): KernelOf<typeof ops.sortOp> {
  return ({ inputs, outputs, attrs: { dim, descending } }) => {
    separate(gpu, "sort", inputs, outputs, ([view]) => {
      const x = view as View;
      const count = numelOf(x.shape);
      const size = x.shape[dim] ?? 1;
      const scratch = Array.from({ length: 4 }, () => gpu.memory.take(count * 4));
      let [keys, order, otherKeys, otherOrder] = scratch as [Slot, Slot, Slot, Slot];
      writeKeys(gpu, x, dim, descending, { keys, order });
      for (let width = 1; width < size; width *= 2) {
        const [from, to] = [
          { keys, order },
          { keys: otherKeys, order: otherOrder },
        ];
        mergeRuns(gpu, from, to, count, size, width);
        [keys, order, otherKeys, otherOrder] = [otherKeys, otherOrder, keys, order];
      }
      writeSorted(gpu, x, order, outputs, dim);
      for (const slot of scratch) gpu.memory.give(slot);
    });
  };
}

/** The shape and strides with `dim` last, so that each row is one run. */
function dimLast(values: readonly number[], dim: number): readonly number[] {
  if (values.length === 0) return values;
  return [...values.toSpliced(dim, 1), values[dim] as number];
}

function writeKeys(gpu: Gpu, x: View, dim: number, descending: boolean, to: Run): void {
  const count = numelOf(x.shape);
  const walk = padded(merged({ shape: dimLast(x.shape, dim), strides: [dimLast(x.strides, dim)] }));
  const rank = walk.shape.length;
  gpu.run({
    op: "sort",
    key: `sort keys ${x.dtype} ${descending} ${rank}`,
    source: () => keysSource(x.dtype, descending, rank),
    buffers: [to.keys, to.order, slotOf(x)],
    params: [count, x.shape[dim] ?? 1, ...walkValues(walk), x.offset],
    groups: Math.ceil(count / workgroupSize),
  });
}

// Negative floats reversed, positive ones above them; -0 equals 0.
const floatKey = `var bits = bitcast<u32>(value);
if (value == 0.0) { bits = 0u; }
var key = select(bits | 0x80000000u, ~bits, (bits >> 31u) == 1u);
if (isNan(value)) { key = 0xffffffffu; }`;
const integerKey = "var key = bitcast<u32>(value) ^ 0x80000000u;";

function keysSource(dtype: DType, descending: boolean, rank: number): ProgramSource {
  return {
    params: [...["count", "size"].map(u32), ...walkParams(rank, ["x"]), u32("x_offset")],
    bindings: [
      { name: "keys", type: "u32", access: "read_write" },
      { name: "order", type: "u32", access: "read_write" },
      { name: "x", type: storageType(dtype), access: "read" },
    ],
    workgroup: [workgroupSize, 1, 1],
    declarations: mathSource(floatKey),
    main: `if (i >= p.count) { return; }
${offsetsCode(rank, ["x"], "i")}
let value = ${loaded(dtype, "x[p.x_offset + x_at]")};
${numberType(dtype) === "f32" ? floatKey : integerKey}
keys[i] = ${descending ? "~key" : "key"};
order[i] = i % p.size;`,
  };
}

function mergeRuns(gpu: Gpu, from: Run, to: Run, count: number, size: number, width: number): void {
  gpu.run({
    op: "sort",
    key: "sort merge",
    source: mergeSource,
    buffers: [to.keys, to.order, from.keys, from.order],
    params: [count, size, width],
    groups: Math.ceil(count / workgroupSize),
  });
}

function mergeSource(): ProgramSource {
  const binding = (name: string, access: Binding["access"]): Binding => ({
    name,
    type: "u32",
    access,
  });
  return {
    params: ["count", "size", "width"].map(u32),
    bindings: [
      binding("keys_to", "read_write"),
      binding("order_to", "read_write"),
      binding("keys", "read"),
      binding("order", "read"),
    ],
    workgroup: [workgroupSize, 1, 1],
    main: `if (i >= p.count) { return; }
let row = i / p.size * p.size;
let at = i - row;
let run = at / p.width;
let left = run % 2u == 0u;
let key = keys[i];
// Of equals, those of the left run come first.
var low = min(select((run - 1u) * p.width, (run + 1u) * p.width, left), p.size);
var high = min(low + p.width, p.size);
let first = low;
loop {
if (low >= high) { break; }
let middle = (low + high) / 2u;
let other = keys[row + middle];
if (other < key || (!left && other == key)) { low = middle + 1u; } else { high = middle; }
}
let to = row + run / 2u * 2u * p.width + at % p.width + low - first;
keys_to[to] = key;
order_to[to] = order[i];`,
  };
}

function writeSorted(gpu: Gpu, x: View, order: Slot, outputs: readonly View[], dim: number): void {
  const [values, indices] = outputs as readonly [View, View];
  const count = numelOf(x.shape);
  const last = Math.max(x.shape.length - 1, 0);
  const walk = padded(
    merged({
      shape: dimLast(x.shape, dim),
      strides: [
        dimLast(values.strides, dim),
        dimLast(indices.strides, dim),
        dimLast(x.strides, dim).map((stride, d) => (d === last ? 0 : stride)),
      ],
    }),
  );
  const rank = walk.shape.length;
  gpu.run({
    op: "sort",
    key: `sort write ${x.dtype} ${rank}`,
    source: () => sortedSource(x.dtype, rank),
    buffers: [slotOf(values), slotOf(indices), slotOf(x), order],
    params: [
      count,
      x.strides[dim] ?? 0,
      ...walkValues(walk),
      values.offset,
      indices.offset,
      x.offset,
    ],
    groups: Math.ceil(count / workgroupSize),
  });
}

function sortedSource(dtype: DType, rank: number): ProgramSource {
  const names = ["values", "indices", "x"];
  return {
    params: [
      ...["count", "x_step"].map(u32),
      ...walkParams(rank, names),
      ...names.map((name) => u32(`${name}_offset`)),
    ],
    bindings: [
      { name: "values", type: storageType(dtype), access: "read_write" },
      { name: "indices", type: "i32", access: "read_write" },
      { name: "x", type: storageType(dtype), access: "read" },
      { name: "order", type: "u32", access: "read" },
    ],
    workgroup: [workgroupSize, 1, 1],
    main: `if (i >= p.count) { return; }
${offsetsCode(rank, names, "i")}
let picked = order[i];
values[p.values_offset + values_at] = x[p.x_offset + x_at + picked * p.x_step];
indices[p.indices_offset + indices_at] = i32(picked);`,
  };
}
