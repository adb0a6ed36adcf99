// Negative log likelihood by class index, and its gradient. Every target is checked before it is used.
import { type KernelOf, type Kernels, numelOf, type ops, type View } from "@tead/tensor";
import { type Gpu, slotOf } from "../gpu/gpu.ts";
import type { Binding, Param, ProgramSource } from "../gpu/program.ts";
import { loaded, storageType, stored } from "../wgsl/elements.ts";
import { totalsSource } from "../wgsl/totals.ts";
import { densely } from "./aliases.ts";
import { workgroupSize } from "./geometry.ts";

export const lossKernels = (gpu: Gpu): Pick<Kernels, "nllLoss" | "nllLossGrad"> => ({
  nllLoss: nllKernel(gpu),
  nllLossGrad: nllGradKernel(gpu),
});

const u32 = (name: string): Param => ({ name, type: "u32" });
const lanes = 256;

/** The views that are there, as bindings with an offset each. */
interface Named {
  readonly name: string;
  readonly view: View | undefined;
  readonly writes?: boolean;
}

function pieces(all: readonly Named[]) {
  const present = all.filter(({ view }) => view !== undefined);
  return {
    buffers: present.map(({ view }) => slotOf(view as View)),
    offsets: present.map(({ view }) => (view as View).offset),
    bindings: present.map(
      ({ name, view, writes }): Binding => ({
        name,
        type: storageType((view as View).dtype),
        access: writes ? "read_write" : "read",
      }),
    ),
    params: present.map(({ name }) => u32(`${name}_offset`)),
  };
}

/** Reads target `t`, and its weight where it counts: `counts`, `chosen` and `weight`. */
function targetCode(target: View, weight: View | undefined): string {
  return `let wanted = ${loaded(target.dtype, "targets[p.targets_offset + t]")};
let counts = wanted != p.ignored;
let fits = wanted >= 0 && wanted < i32(p.classes);
let chosen = select(0u, u32(wanted), counts && fits);
let weight = ${
    weight === undefined ? "1.0" : loaded(weight.dtype, "weights[p.weights_offset + chosen]")
  };`;
}

function nllKernel(gpu: Gpu): KernelOf<typeof ops.nllLossOp> {
  return (call) => {
    const { reduction, ignoreIndex } = call.attrs;
    densely(gpu, "nllLoss", call.inputs, call.outputs, (operands, results) => {
      const [x, targets, weights] = operands as readonly [View, View, View | undefined];
      const [y, total] = results as readonly [View, View];
      const inner = numelOf(x.shape.slice(2));
      const parts = pieces([
        { name: "y", view: y, writes: true },
        { name: "total_weight", view: total, writes: true },
        { name: "x", view: x },
        { name: "targets", view: targets },
        { name: "weights", view: weights },
      ]);
      gpu.run({
        op: "nllLoss",
        key: `nllLoss ${reduction} ${x.dtype} ${targets.dtype} ${weights?.dtype}`,
        source: () => ({
          params: [
            ...["count", "classes", "inner"].map(u32),
            { name: "ignored", type: "i32" },
            ...parts.params,
          ],
          bindings: parts.bindings,
          workgroup: [lanes, 1, 1],
          fallible: true,
          declarations: totalsSource(lanes),
          main: nllMain(x, targets, weights, reduction),
        }),
        buffers: parts.buffers,
        params: [
          numelOf(targets.shape),
          x.shape[1] as number,
          inner,
          ignoreIndex,
          ...parts.offsets,
        ],
        groups: 1,
        failure: { call, code: "classOutOfRange" },
      });
    });
  };
}

/** One workgroup goes over all targets. */
function nllMain(
  x: View,
  targets: View,
  weights: View | undefined,
  reduction: ops.Reduction,
): string {
  const place = "p.x_offset + (t / p.inner * p.classes + chosen) * p.inner + t % p.inner";
  const whole = reduction === "mean" ? "sum / weight_sum" : "sum";
  return `if (group > 0u) { return; }
var own_sum = 0.0;
var own_weight = 0.0;
for (var t = local; t < p.count; t += ${lanes}u) {
${targetCode(targets, weights)}
if (counts && !fits) { fail(t); }
var loss = 0.0;
if (counts) {
loss = -weight * ${loaded(x.dtype, `x[${place}]`)};
own_weight += weight;
}
own_sum += loss;
${reduction === "none" ? `y[p.y_offset + t] = ${stored(x.dtype, "loss")};` : ""}
}
let sum = total(own_sum, local);
let weight_sum = total(own_weight, local);
if (local == 0u) {
${reduction === "none" ? "" : `y[p.y_offset] = ${stored(x.dtype, whole)};`}
total_weight[p.total_weight_offset] = ${stored(x.dtype, "weight_sum")};
}`;
}

function nllGradKernel(gpu: Gpu): KernelOf<typeof ops.nllLossGradOp> {
  return (call) => {
    const { reduction, ignoreIndex, classes } = call.attrs;
    densely(gpu, "nllLossGrad", call.inputs, call.outputs, (operands, results) => {
      const [grad, targets, weights, total] = operands as readonly [
        View,
        View,
        View | undefined,
        View,
      ];
      const dx = results[0] as View;
      const parts = pieces([
        { name: "dx", view: dx, writes: true },
        { name: "grad", view: grad },
        { name: "targets", view: targets },
        { name: "weights", view: weights },
        { name: "total_weight", view: reduction === "mean" ? total : undefined },
      ]);
      const count = numelOf(dx.shape);
      const inner = numelOf(targets.shape.slice(1));
      gpu.run({
        op: "nllLossGrad",
        key: `nllLossGrad ${reduction} ${dx.dtype} ${targets.dtype} ${weights?.dtype}`,
        source: (): ProgramSource => ({
          params: [
            ...["count", "classes", "inner"].map(u32),
            { name: "ignored", type: "i32" },
            ...parts.params,
          ],
          bindings: parts.bindings,
          workgroup: [workgroupSize, 1, 1],
          fallible: true,
          main: nllGradMain(dx, targets, weights, reduction),
        }),
        buffers: parts.buffers,
        params: [count, classes, inner, ignoreIndex, ...parts.offsets],
        groups: Math.ceil(count / workgroupSize),
        failure: { call, code: "classOutOfRange" },
      });
    });
  };
}

/** Each invocation writes one element: 0 unless it is its target's class. */
function nllGradMain(
  { dtype }: View,
  targets: View,
  weights: View | undefined,
  reduction: ops.Reduction,
): string {
  const share = loaded(dtype, `grad[p.grad_offset${reduction === "none" ? " + t" : ""}]`);
  const total = loaded(dtype, "total_weight[p.total_weight_offset]");
  return `if (i >= p.count) { return; }
let own = i / p.inner % p.classes;
let t = i / (p.inner * p.classes) * p.inner + i % p.inner;
${targetCode(targets, weights)}
if (counts && !fits && own == 0u) { fail(t); }
var value = 0.0;
if (counts && own == chosen) {
value = -weight * ${share}${reduction === "mean" ? ` / ${total}` : ""};
}
dx[p.dx_offset + i] = ${stored(dtype, "value")};`;
}
