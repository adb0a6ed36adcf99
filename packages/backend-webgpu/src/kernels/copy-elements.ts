// Copies elements from one strided view to another, converting their dtype.
import { isContiguous, numelOf, type View } from "@tead/tensor";
import { bufferOf, type Gpu, slotOf } from "../gpu/gpu.ts";
import type { ProgramSource } from "../gpu/program.ts";
import { converted, loaded, storageType, stored } from "../wgsl/elements.ts";
import { merged, offsetsCode, padded, walkParams, walkValues, workgroupSize } from "./geometry.ts";

/** Records a copy between views that share no buffer. */
export function copyElements(gpu: Gpu, op: string, from: View, to: View): void {
  const count = numelOf(to.shape);
  if (count === 0 || copiedAsBytes(gpu, from, to, count)) return;
  const walk = padded(merged({ shape: to.shape, strides: [to.strides, from.strides] }));
  const rank = walk.shape.length;
  gpu.run({
    op,
    key: `copy ${from.dtype} ${to.dtype} ${rank}`,
    source: () => copySource(from, to, rank),
    buffers: [slotOf(to), slotOf(from)],
    params: [count, ...walkValues(walk), to.offset, from.offset],
    groups: Math.ceil(count / workgroupSize),
  });
}

/** Whole words that lie one after the other need no shader. */
function copiedAsBytes(gpu: Gpu, from: View, to: View, count: number): boolean {
  if (from.dtype !== to.dtype || !isContiguous(from) || !isContiguous(to)) return false;
  const { byteLength } = bufferOf(to).layout;
  if (byteLength !== 4) return false;
  const [source, target] = [slotOf(from), slotOf(to)];
  gpu.commands.copy(source, from.offset * 4, target, to.offset * 4, count * 4);
  return true;
}

function copySource(from: View, to: View, rank: number): ProgramSource {
  const names = ["y", "x"];
  const value = loaded(from.dtype, "x[p.x_offset + x_at]");
  return {
    params: [
      { name: "count", type: "u32" },
      ...walkParams(rank, names),
      { name: "y_offset", type: "u32" },
      { name: "x_offset", type: "u32" },
    ],
    bindings: [
      { name: "y", type: storageType(to.dtype), access: "read_write" },
      { name: "x", type: storageType(from.dtype), access: "read" },
    ],
    workgroup: [workgroupSize, 1, 1],
    main: `if (i >= p.count) { return; }
${offsetsCode(rank, names, "i")}
y[p.y_offset + y_at] = ${stored(to.dtype, converted(from.dtype, to.dtype, value))};`,
  };
}
