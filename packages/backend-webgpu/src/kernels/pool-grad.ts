// The gradient of max pooling: a workgroup for each plane adds what its windows pass back, window
// after window, so that overlapping windows give the same bits each time.
import { type KernelOf, numelOf, type ops, type View } from "@tead/tensor";
import { type Gpu, slotOf } from "../gpu/gpu.ts";
import type { ProgramSource } from "../gpu/program.ts";
import { loaded, storageType, stored } from "../wgsl/elements.ts";
import { densely } from "./aliases.ts";
import { checkedIndex } from "./indexing.ts";

const lanes = 64;

export function maxPoolGradKernel(gpu: Gpu): KernelOf<typeof ops.maxPoolGradOp> {
  return (call) => {
    densely(gpu, "maxPoolGrad", call.inputs, call.outputs, (operands, results) => {
      const [g, indices] = operands as readonly [View, View];
      const dx = results[0] as View;
      const planes = numelOf(dx.shape.slice(0, 2));
      const views = [dx, g, indices];
      gpu.run({
        op: "maxPoolGrad",
        key: `maxPoolGrad ${g.dtype} ${indices.dtype}`,
        source: () => source(g, indices),
        buffers: views.map(slotOf),
        params: [
          planes,
          numelOf(dx.shape.slice(2)),
          numelOf(g.shape.slice(2)),
          ...views.map(({ offset }) => offset),
        ],
        groups: planes,
        failure: { call, code: "indexOutOfRange" },
      });
    });
  };
}

// Of the windows that are looked at together, the first with a place adds for all that have it.
function source({ dtype }: View, indices: View): ProgramSource {
  const goal = "dx[start + own]";
  return {
    params: ["planes", "extent", "windows", "dx_offset", "g_offset", "indices_offset"].map(
      (name) => ({ name, type: "u32" }),
    ),
    bindings: [
      { name: "dx", type: storageType(dtype), access: "read_write" },
      { name: "g", type: storageType(dtype), access: "read" },
      { name: "indices", type: storageType(indices.dtype), access: "read" },
    ],
    workgroup: [lanes, 1, 1],
    fallible: true,
    declarations: `var<workgroup> places: array<u32, ${lanes}>;
var<workgroup> grads: array<f32, ${lanes}>;`,
    main: `if (group >= p.planes) { return; }
let start = p.dx_offset + group * p.extent;
for (var k = local; k < p.extent; k += ${lanes}u) { dx[start + k] = ${stored(dtype, "0.0")}; }
for (var begin = 0u; begin < p.windows; begin += ${lanes}u) {
let w = group * p.windows + begin + local;
var own = 0xffffffffu;
if (begin + local < p.windows) {
${checkedIndex(indices.dtype, "indices[p.indices_offset + w]", "w")}
own = place;
grads[local] = ${loaded(dtype, "g[p.g_offset + w]")};
}
places[local] = own;
workgroupBarrier();
storageBarrier();
var is_first = own != 0xffffffffu;
for (var k = 0u; k < local; k++) { is_first = is_first && places[k] != own; }
if (is_first) {
var sum = ${loaded(dtype, goal)};
for (var k = local; k < ${lanes}u; k++) { if (places[k] == own) { sum += grads[k]; } }
${goal} = ${stored(dtype, "sum")};
}
workgroupBarrier();
storageBarrier();
}`,
  };
}
