// Batch, layer and group normalization: a workgroup for each mean, one dispatch in all. The gradient
// of weight and bias comes with that of the input where a mean has one weight, else it is a second.
import { type Kernel, type Kernels, numelOf, type View } from "@tead/tensor";
import { type Gpu, slotOf } from "../gpu/gpu.ts";
import type { Binding, Param, ProgramSource } from "../gpu/program.ts";
import { loaded, storageType, stored } from "../wgsl/elements.ts";
import { totalsSource } from "../wgsl/totals.ts";
import { densely } from "./aliases.ts";

type Shape = readonly number[];
interface Eps {
  readonly eps: number;
}
interface LayerAttrs extends Eps {
  readonly dims: number;
}
interface GroupAttrs extends Eps {
  readonly groups: number;
}

/**
 * How elements, means and weights lie: the input is [runs, means, length], and mean s is over
 * [:, s, :]. Its first weight is (s % cycle) * length / step, and `step` neighbours share one.
 */
interface Layout {
  readonly means: number;
  readonly runs: number;
  readonly length: number;
  readonly step: number;
  readonly cycle: number;
}

function batchLayout([n, c, ...space]: Shape): Layout {
  const length = numelOf(space);
  const means = c as number;
  return { means, runs: n as number, length, step: Math.max(length, 1), cycle: means };
}
function layerLayout(shape: Shape, { dims }: LayerAttrs): Layout {
  const means = numelOf(shape.slice(0, -dims));
  return { means, runs: 1, length: numelOf(shape.slice(-dims)), step: 1, cycle: 1 };
}
function groupLayout([n, c, ...space]: Shape, { groups }: GroupAttrs): Layout {
  const size = numelOf(space);
  const length = ((c as number) / groups) * size;
  return { means: (n as number) * groups, runs: 1, length, step: Math.max(size, 1), cycle: groups };
}

export const normKernels = (gpu: Gpu): Partial<Kernels> => ({
  batchNorm: forward(gpu, "batchNorm", batchLayout),
  batchNormGrad: backward(gpu, "batchNormGrad", batchLayout),
  layerNorm: forward(gpu, "layerNorm", layerLayout),
  layerNormGrad: backward(gpu, "layerNormGrad", layerLayout),
  groupNorm: forward(gpu, "groupNorm", groupLayout),
  groupNormGrad: backward(gpu, "groupNormGrad", groupLayout),
});

const u32 = (name: string): Param => ({ name, type: "u32" });
const sizes = ["means", "runs", "length", "step", "cycle"];
const valuesOf = ({ means, runs, length, step, cycle }: Layout): number[] => [
  means,
  runs,
  length,
  step,
  Math.max(cycle, 1),
];

/** The operands that are there. */
type Named = Readonly<Record<string, View | undefined>>;
const present = (all: Named): [string, View][] =>
  Object.entries(all).filter((entry): entry is [string, View] => entry[1] !== undefined);

/** A shader over named views, of which the first `written` are outputs; `x[...]` reads them whole. */
function source(
  views: readonly [string, View][],
  written: number,
  lanes: number,
  code: Pick<ProgramSource, "main" | "declarations">,
): ProgramSource {
  return {
    params: [
      ...sizes.map(u32),
      { name: "eps", type: "f32" },
      ...views.map(([name]) => u32(`${name}_offset`)),
    ],
    bindings: views.map(
      ([name, { dtype }], k): Binding => ({
        name,
        type: storageType(dtype),
        access: k < written ? "read_write" : "read",
      }),
    ),
    workgroup: [lanes, 1, 1],
    ...code,
  };
}

const at = (views: Named, name: string, index: string): string =>
  loaded((views[name] as View).dtype, `${name}[p.${name}_offset + ${index}]`);
const put = (views: Named, name: string, index: string, value: string): string =>
  `${name}[p.${name}_offset + ${index}] = ${stored((views[name] as View).dtype, value)};`;

/** Statements over every element of mean `group`: its place, and its weight's number. */
const over = (lanes: number, body: string): string =>
  `for (var k = local; k < p.runs * p.length; k += ${lanes}u) {
let place = (k / p.length * p.means + group) * p.length + k % p.length;
let channel = (group % p.cycle) * (p.length / p.step) + k % p.length / p.step;
${body}
}`;

const lanesFor = ({ runs, length }: Layout): number => (runs * length <= 256 ? 64 : 256);

interface Work {
  readonly op: string;
  readonly layout: Layout;
  readonly eps: number;
  readonly views: Named;
  /** How many of the views are outputs; they come first. */
  readonly written: number;
}

function run(
  gpu: Gpu,
  { op, layout, eps, views, written }: Work,
  part: string,
  lanes: number,
  groups: number,
  code: (lanes: number) => Pick<ProgramSource, "main" | "declarations">,
): void {
  const all = present(views);
  const names = all.map(([name]) => name).join();
  gpu.run({
    op,
    key: `norm ${part} ${lanes} ${all[0]?.[1].dtype} ${names}`,
    source: () => source(all, written, lanes, code(lanes)),
    buffers: all.map(([, view]) => slotOf(view)),
    params: [...valuesOf(layout), eps, ...all.map(([, view]) => view.offset)],
    groups,
  });
}

function forward<A extends Eps>(
  gpu: Gpu,
  op: string,
  layoutOf: (shape: Shape, attrs: A) => Layout,
): Kernel<readonly (View | undefined)[], A> {
  return ({ inputs, outputs, attrs }) => {
    densely(gpu, op, inputs, outputs, ([x, weight, bias], [y, mean, variance]) => {
      const layout = layoutOf((x as View).shape, attrs);
      const views = { y, mean, variance, x, weight, bias };
      const work = { op, layout, eps: attrs.eps, views, written: 3 };
      run(gpu, work, "forward", lanesFor(layout), layout.means, (lanes) => ({
        declarations: totalsSource(lanes),
        main: forwardMain(views, lanes),
      }));
    });
  };
}

function forwardMain(views: Named, lanes: number): string {
  const scale = views.weight === undefined ? "" : ` * ${at(views, "weight", "channel")}`;
  const shift = views.bias === undefined ? "" : ` + ${at(views, "bias", "channel")}`;
  const x = at(views, "x", "place");
  return `if (group >= p.means) { return; }
let count = f32(p.runs * p.length);
var own_sum = 0.0;
${over(lanes, `own_sum += ${x};`)}
let center = total(own_sum, local) / count;
var own_squares = 0.0;
${over(lanes, `let d = ${x} - center;\nown_squares += d * d;`)}
let spread = total(own_squares, local) / count;
let inverse = 1.0 / sqrt(spread + p.eps);
${over(lanes, put(views, "y", "place", `(${x} - center) * inverse${scale}${shift}`))}
if (local == 0u) {
${put(views, "mean", "group", "center")}
${put(views, "variance", "group", "spread")}
}`;
}

function backward<A extends Eps>(
  gpu: Gpu,
  op: string,
  layoutOf: (shape: Shape, attrs: A) => Layout,
): Kernel<readonly (View | undefined)[], A> {
  return ({ inputs, outputs, attrs }) => {
    densely(gpu, op, inputs, outputs, ([g, x, weight, mean, variance], [dx, dw, db]) => {
      const layout = layoutOf((x as View).shape, attrs);
      const { means, cycle, step, length } = layout;
      const ownWeight = cycle === means && step === Math.max(length, 1);
      const reads = { g, x, weight, mean, variance };
      const { eps } = attrs;
      const views = ownWeight ? { dx, dw, db, ...reads } : { dx, ...reads };
      const work = { op, layout, eps, views, written: ownWeight ? 3 : 1 };
      run(gpu, work, "backward", lanesFor(layout), means, (lanes) => ({
        declarations: totalsSource(lanes),
        main: backwardMain(views, lanes, ownWeight),
      }));
      if (ownWeight) return;
      const affine = { dw, db, g, x, mean, variance };
      // Neighbouring weights are read together where they lie side by side.
      const columns = step === 1 ? 16 : 1;
      const groups = Math.ceil(numelOf((dw as View).shape) / columns);
      const sums = { op, layout, eps, views: affine, written: 2 };
      run(gpu, sums, `weights ${columns}`, 256, groups, (lanes) => ({
        declarations: `var<workgroup> sums: array<vec2f, ${lanes}>;`,
        main: weightsMain(affine, lanes, columns),
      }));
    });
  };
}

// With h = (x - mean) / std and v = g w: dL/dx = (v - mean(v) - h mean(v h)) / std
function backwardMain(views: Named, lanes: number, ownWeight: boolean): string {
  const scale = views.weight === undefined ? "" : ` * ${at(views, "weight", "channel")}`;
  const h = `let h = (${at(views, "x", "place")} - center) * inverse;`;
  const g = at(views, "g", "place");
  return `if (group >= p.means) { return; }
let count = f32(p.runs * p.length);
let center = ${at(views, "mean", "group")};
let inverse = 1.0 / sqrt(${at(views, "variance", "group")} + p.eps);
var own_sum = 0.0;
var own_product = 0.0;
var own_grad = 0.0;
var own_grad_product = 0.0;
${over(
  lanes,
  `${h}
let g_here = ${g};
let v = g_here${scale};
own_sum += v;
own_product += v * h;
own_grad += g_here;
own_grad_product += g_here * h;`,
)}
let mean_v = total(own_sum, local) / count;
let mean_vh = total(own_product, local) / count;
${over(
  lanes,
  `${h}
let v = ${g}${scale};
${put(views, "dx", "place", "(v - mean_v - h * mean_vh) * inverse")}`,
)}
${
  ownWeight
    ? `let sum_gh = total(own_grad_product, local);
let sum_g = total(own_grad, local);
if (local == 0u) {
${put(views, "dw", "group", "sum_gh")}
${put(views, "db", "group", "sum_g")}
}`
    : ""
}`;
}

// dL/dw = sum(g h), dL/db = sum(g), over all elements with that weight: [outer, weights, step]
function weightsMain(views: Named, lanes: number, columns: number): string {
  const rows = lanes / columns;
  return `let weights = p.cycle * (p.length / p.step);
let channel = group * ${columns}u + local % ${columns}u;
let outer = p.means / p.cycle;
var own = vec2f();
if (channel < weights) {
for (var k = local / ${columns}u; k < outer * p.step; k += ${rows}u) {
let place = (k / p.step * weights + channel) * p.step + k % p.step;
let s = place / p.length;
let inverse = 1.0 / sqrt(${at(views, "variance", "s")} + p.eps);
let g_here = ${at(views, "g", "place")};
own += vec2f(g_here * (${at(views, "x", "place")} - ${at(views, "mean", "s")}) * inverse, g_here);
}
}
sums[local] = own;
for (var width = ${rows / 2}u; width > 0u; width >>= 1u) {
workgroupBarrier();
if (local < width * ${columns}u) { sums[local] += sums[local + width * ${columns}u]; }
}
if (local < ${columns}u && channel < weights) {
${put(views, "dw", "channel", "sums[local].x")}
${put(views, "db", "channel", "sums[local].y")}
}`;
}
