// Pooling over windows, plain and adaptive, and its gradients. A window is worked out by the shader
// from its number; what is written depends on nothing but its own windows, so nothing races.
import { type Kernel, type Kernels, numelOf, type View } from "@tead/tensor";
import { type Gpu, slotOf } from "../gpu/gpu.ts";
import type { Binding, Param, ProgramSource } from "../gpu/program.ts";
import { loaded, storageType, stored } from "../wgsl/elements.ts";
import { mathSource } from "../wgsl/math.ts";
import { densely } from "./aliases.ts";
import { workgroupSize } from "./geometry.ts";
import { maxPoolGradKernel } from "./pool-grad.ts";
import { coveringCode, type WindowRule, windowsSource } from "./pool-windows.ts";

interface PoolAttrs {
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation?: readonly number[];
  readonly countIncludePad?: boolean;
  readonly divisorOverride?: number | undefined;
}

export const poolKernels = (gpu: Gpu): Partial<Kernels> => ({
  maxPool: poolKernel<PoolAttrs>(gpu, "maxPool", "plain", maximumMain),
  adaptiveMaxPool: poolKernel<object>(gpu, "adaptiveMaxPool", "adaptive", maximumMain),
  avgPool: poolKernel<PoolAttrs>(gpu, "avgPool", "plain", averageMain),
  adaptiveAvgPool: poolKernel<object>(gpu, "adaptiveAvgPool", "adaptive", averageMain),
  avgPoolGrad: poolKernel<PoolAttrs>(gpu, "avgPoolGrad", "plain", averageGradMain),
  adaptiveAvgPoolGrad: poolKernel<object>(gpu, "adaptiveAvgPoolGrad", "adaptive", averageGradMain),
  maxPoolGrad: maxPoolGradKernel(gpu),
});

const perDim = ["size", "count", "kernel", "stride", "padding", "dilation"] as const;

/** Spatial sizes as three dims: missing ones in front are windows of one element. */
function dimValues(sizes: readonly number[], counts: readonly number[], attrs: Partial<PoolAttrs>) {
  const three = (values: readonly number[] | undefined, fill: number): number[] => {
    const own = values ?? sizes.map(() => fill);
    return [...new Array<number>(3 - own.length).fill(fill), ...own];
  };
  const all = [
    three(sizes, 1),
    three(counts, 1),
    three(attrs.kernelSize, 1),
    three(attrs.stride, 1),
    three(attrs.padding, 0),
    three(attrs.dilation, 1),
  ];
  return [0, 1, 2].flatMap((d) => all.map((values) => values[d] as number));
}

/** What one invocation does for element `i` of the output. */
type Main = (views: {
  readonly to: View;
  readonly from: View;
  readonly indices: boolean;
}) => string;

function poolKernel<A>(
  gpu: Gpu,
  op: string,
  rule: WindowRule,
  main: Main,
): Kernel<readonly [View], A> {
  return ({ inputs, outputs, attrs }) => {
    densely(gpu, op, inputs, outputs, (operands, results) => {
      const from = operands[0] as View;
      const [to, indices] = results as readonly [View, View | undefined];
      const options = attrs as Partial<PoolAttrs>;
      const [sizes, counts] = [from.shape.slice(2), to.shape.slice(2)];
      const isGrad = op.endsWith("Grad");
      const dims = isGrad ? dimValues(counts, sizes, options) : dimValues(sizes, counts, options);
      const views = [...(results as readonly View[]), from];
      const total = numelOf(to.shape);
      gpu.run({
        op,
        key: `${op} ${from.dtype}`,
        source: () => source(rule, main, to, from, indices !== undefined),
        buffers: views.map(slotOf),
        params: [
          total,
          Number(options.countIncludePad ?? false),
          options.divisorOverride ?? 0,
          ...dims,
          ...views.map(({ offset }) => offset),
        ],
        groups: Math.ceil(total / workgroupSize),
      });
    });
  };
}

function source(
  rule: WindowRule,
  main: Main,
  to: View,
  from: View,
  indices: boolean,
): ProgramSource {
  const names = indices ? ["y", "indices", "x"] : ["y", "x"];
  const text = main({ to, from, indices });
  const type = storageType(from.dtype);
  return {
    params: [
      { name: "total", type: "u32" },
      { name: "counts_padding", type: "u32" },
      { name: "divisor", type: "i32" },
      ...[0, 1, 2].flatMap((d) =>
        perDim.map((name): Param => ({ name: `${name}_${d}`, type: "i32" })),
      ),
      ...names.map((name): Param => ({ name: `${name}_offset`, type: "u32" })),
    ],
    bindings: names.map(
      (name): Binding => ({
        name,
        type: name === "indices" ? "i32" : type,
        access: name === "x" ? "read" : "read_write",
      }),
    ),
    workgroup: [workgroupSize, 1, 1],
    declarations: `${mathSource(text)}\n${windowsSource(rule)}`,
    main: `if (i >= p.total) { return; }
${text}`,
  };
}

/** The number of an element as a plane and places along three dims of `sizes`. */
const placeCode = (sizes: "count" | "size"): string => `var rest = i32(i);
let at2 = rest % p.${sizes}_2;
rest /= p.${sizes}_2;
let at1 = rest % p.${sizes}_1;
rest /= p.${sizes}_1;
let at0 = rest % p.${sizes}_0;
let plane = rest / p.${sizes}_0;`;

const windows = [0, 1, 2].map((d) => `let w${d} = window_${d}(at${d});`).join("\n");
const divisor = "f32(select(w0.count * w1.count * w2.count, p.divisor, p.divisor != 0))";

/** Loops over the elements of the windows, with their place in the plane as `place`. */
const overWindow = (body: string): string => `for (var a = w0.start; a < w0.end; a += w0.step) {
for (var b = w1.start; b < w1.end; b += w1.step) {
for (var c = w2.start; c < w2.end; c += w2.step) {
let place = (a * p.size_1 + b) * p.size_2 + c;
${body}
}
}
}`;

const first = "(w0.start * p.size_1 + w1.start) * p.size_2 + w2.start";
const planeStart = "p.x_offset + u32(plane * p.size_0 * p.size_1 * p.size_2)";

// The first of equals, the last NaN.
function maximumMain({ from }: Parameters<Main>[0]): string {
  return `${placeCode("count")}
${windows}
let start = ${planeStart};
var best = -inf();
var best_place = ${first};
${overWindow(`let value = ${loaded(from.dtype, "x[start + u32(place)]")};
if (value > best || isNan(value)) { best = value; best_place = place; }`)}
y[p.y_offset + i] = ${stored(from.dtype, "best")};
indices[p.indices_offset + i] = best_place;`;
}

function averageMain({ from }: Parameters<Main>[0]): string {
  return `${placeCode("count")}
${windows}
let start = ${planeStart};
var sum = 0.0;
${overWindow(`sum += ${loaded(from.dtype, "x[start + u32(place)]")};`)}
y[p.y_offset + i] = ${stored(from.dtype, `sum / ${divisor}`)};`;
}

/** Each element of the input adds up what the windows that cover it pass back. */
function averageGradMain({ from }: Parameters<Main>[0]): string {
  const g = loaded(from.dtype, "x[start + u32((o0 * p.count_1 + o1) * p.count_2 + o2)]");
  return `${placeCode("size")}
let start = p.x_offset + u32(plane * p.count_0 * p.count_1 * p.count_2);
var sum = 0.0;
${coveringCode(`sum += ${g} / ${divisor};`)}
y[p.y_offset + i] = ${stored(from.dtype, "sum")};`;
}
