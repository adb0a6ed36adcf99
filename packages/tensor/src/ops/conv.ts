// Convolution over 1, 2 or 3 spatial dims, and its two gradients. Each is the others' gradient, so
// derivatives of every order exist; the input gradient is also transposed convolution.
import { dispatch } from "../dispatch.ts";
import { ShapeError } from "../errors.ts";
import { defineFusable, type Fusable, type OperandSpec, type TensorSpec } from "../op.ts";
import { formatShape, numelOf, type Shape, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { requireFloat, requireSameDType } from "./rules.ts";
import {
  checkSizes,
  padded,
  patches,
  reach,
  type Sliding,
  taps,
  tapView,
  windowCounts,
} from "./windows.ts";

/** One number a spatial dim each; `stride.length` says how many spatial dims there are. */
export interface ConvAttrs extends Sliding {
  readonly groups: number;
}
export interface ConvGradInputAttrs extends ConvAttrs {
  /** The spatial sizes of the convolution's input. */
  readonly inputSize: Shape;
}
export interface ConvGradWeightAttrs extends ConvAttrs {
  /** The spatial sizes of the convolution's weight. */
  readonly kernelSize: Shape;
}

const layouts = ["", "[N, C, L]", "[N, C, H, W]", "[N, C, D, H, W]"];
const fromChannelsLast = ["", "(0, 2, 1)", "(0, 3, 1, 2)", "(0, 4, 1, 2, 3)"];

function checkOptions(op: string, { stride, padding, dilation, groups }: ConvAttrs): void {
  const rank = stride.length;
  checkSizes(op, "stride", stride, rank, 1);
  checkSizes(op, "padding", padding, rank, 0);
  checkSizes(op, "dilation", dilation, rank, 1);
  checkSizes(op, "groups", [groups], 1, 1);
}

function checkRank(op: string, { shape }: OperandSpec, what: string, rank: number): void {
  if (shape.length === rank + 2) return;
  const layout = what === "Weight" ? "[C_out, C_in / groups, ...kernel]" : layouts[rank];
  throw new ShapeError(
    `${what} has the wrong rank: expected ${rank + 2} dims ${layout}, received ${shape.length}`,
    { op },
  );
}

function checkOperands(op: string, data: OperandSpec, weight: OperandSpec, attrs: ConvAttrs): void {
  checkOptions(op, attrs);
  const rank = attrs.stride.length;
  checkRank(op, weight, "Weight", rank);
  checkRank(op, data, "Input", rank);
  requireFloat(data, "Input", op);
  requireSameDType([data, weight], op);
  const channels = weight.shape[0] as number;
  if (channels % attrs.groups !== 0 || weight.shape.slice(2).includes(0))
    throw new ShapeError(
      `Weight does not fit: expected weight.shape[0] to be a multiple of groups ${attrs.groups} and ` +
        `no empty kernel, received ${formatShape(weight.shape)}`,
      { op },
    );
}

function checkBias(op: string, bias: OperandSpec | undefined, channels: number): void {
  if (bias === undefined || (bias.shape.length === 1 && bias.shape[0] === channels)) return;
  throw new ShapeError(
    `Bias does not fit: expected shape [${channels}], received ${formatShape(bias.shape)}`,
    { op },
  );
}

function checkFits(op: string, sizes: Shape, kernel: Shape, { padding, dilation }: Sliding): void {
  const room = sizes.map((size, i) => size + 2 * (padding[i] as number));
  const extent = kernel.map((size, i) => (dilation[i] as number) * (size - 1) + 1);
  if (extent.some((size, i) => size > (room[i] as number)))
    throw new ShapeError(
      `Kernel does not fit into the padded input: expected at most ${formatShape(room)}, ` +
        `received ${formatShape(extent)} (dilation included)`,
      { op },
    );
}

type ConvInputs = readonly ["input", "weight", "bias?"];

/** y[n, o, i] = bias[o] + sum over c, k of x[n, c, i * s + k * d - p] * w[o, c, k] */
export const convOp: Fusable<"conv", ConvInputs, ConvAttrs> = defineFusable("conv", {
  inputs: ["input", "weight", "bias?"],
  saves: ["input", "weight"],
  savedFor: { input: ["weight"], weight: ["input"] },
  infer: ([input, weight, bias], attrs): [TensorSpec] => {
    const rank = attrs.stride.length;
    const op = `conv${rank}d`;
    checkOperands(op, input, weight, attrs);
    requireSameDType([input, bias], op);
    const [out, perGroup] = weight.shape as [number, number];
    const channels = perGroup * attrs.groups;
    if (input.shape[1] !== channels)
      throw new ShapeError(
        `Cannot convolve input with weight: expected ${channels} input channels ` +
          `(weight.shape[1] * groups), received ${input.shape[1]}`,
        {
          op,
          note: { operand: "weight", text: `groups=${attrs.groups}` },
          hint:
            `PyTorch layout is ${layouts[rank]}; use permute${fromChannelsLast[rank]} for ` +
            `channels-last ${rank === 2 ? "images" : "data"}`,
        },
      );
    checkBias(op, bias, out);
    const sizes = input.shape.slice(2);
    const kernel = weight.shape.slice(2);
    checkFits(op, sizes, kernel, attrs);
    const shape = [input.shape[0] as number, out, ...windowCounts(sizes, kernel, attrs)];
    return [{ shape, dtype: input.dtype }];
  },
  gradient: ({ grads: [g], needs, attrs, inputs: [x, w], input, weight }) => [
    needs[0] ? convGradInput(g, weight, { ...attrs, inputSize: x.shape.slice(2) }) : undefined,
    needs[1] ? convGradWeight(input, g, { ...attrs, kernelSize: w.shape.slice(2) }) : undefined,
    needs[2] ? g.sum(g.shape.flatMap((_, i) => (i === 1 ? [] : [i]))) : undefined,
  ],
  decompose: ([x, weight, bias], attrs) => {
    const kernel = weight.shape.slice(2);
    const count = windowCounts(x.shape.slice(2), kernel, attrs);
    const columns = unfolded(x, kernel, count, attrs);
    const rows = grouped(weight, attrs.groups);
    const y = rows.matmul(columns).reshape([x.size(0), weight.size(0), ...count]);
    return [bias === undefined ? y : y.add(bias.reshape([-1, ...count.map(() => 1)]))];
  },
});

/** [N, G, C / G * K, windows]: what the kernel meets at each window. */
function unfolded(x: Tensor, kernel: Shape, count: Shape, attrs: ConvAttrs): Tensor {
  const [n, c] = x.shape as [number, number];
  const whole = padded(x, attrs.padding, reach(count, kernel, attrs));
  const perGroup = (c / attrs.groups) * numelOf(kernel);
  return patches(whole, kernel, count, attrs).reshape([n, attrs.groups, perGroup, numelOf(count)]);
}

/** The weight as [G, C_out / G, C / G * K]. */
function grouped(weight: Tensor, groups: number): Tensor {
  const [out, ...rest] = weight.shape as [number, ...number[]];
  return weight.reshape([groups, out / groups, numelOf(rest)]);
}

type GradInputInputs = readonly ["grad", "weight"];

/** dL/dx[n, c, j] = sum over o, i, k with i * s + k * d - p = j of g[n, o, i] * w[o, c, k] */
export const convGradInputOp: Fusable<"convGradInput", GradInputInputs, ConvGradInputAttrs> =
  defineFusable("convGradInput", {
    inputs: ["grad", "weight"],
    saves: ["grad", "weight"],
    infer: ([grad, weight], attrs): [TensorSpec] => {
      const rank = attrs.stride.length;
      // Only transposed convolution can be called with operands that do not fit.
      const op = `convTranspose${rank}d`;
      checkOperands(op, grad, weight, attrs);
      const [channels, perGroup] = weight.shape as [number, number];
      if (grad.shape[1] !== channels)
        throw new ShapeError(
          `Cannot convolve input with weight: expected ${channels} input channels ` +
            `(weight.shape[0]), received ${grad.shape[1]}`,
          { op, note: { operand: "weight", text: `groups=${attrs.groups}` } },
        );
      const count = windowCounts(attrs.inputSize, weight.shape.slice(2), attrs);
      if (!sameShape(count, grad.shape.slice(2)) || attrs.inputSize.some((size) => size < 1))
        throw new ShapeError(
          `Output size is out of reach: expected sizes that ${formatShape(grad.shape.slice(2))} ` +
            `windows cover, received ${formatShape(attrs.inputSize)}`,
          { op },
        );
      const shape = [grad.shape[0] as number, perGroup * attrs.groups, ...attrs.inputSize];
      return [{ shape, dtype: grad.dtype }];
    },
    gradient: ({ grads: [g], needs, attrs, grad, weight }) => {
      const { inputSize: _, ...plain } = attrs;
      const kernelSize = weight.shape.slice(2);
      return [
        needs[0] ? dispatch(convOp, [g, weight, undefined], plain) : undefined,
        needs[1] ? convGradWeight(g, grad, { ...plain, kernelSize }) : undefined,
      ];
    },
    decompose: ([g, weight], attrs) => {
      const kernel = weight.shape.slice(2);
      const count = g.shape.slice(2);
      const [n, out] = g.shape as [number, number];
      const { groups, padding, inputSize } = attrs;
      // [N, G, C / G * K, windows]: what each window gives back to each tap.
      const columns = grouped(weight, groups)
        .transpose(1, 2)
        .matmul(g.reshape([n, groups, out / groups, numelOf(count)]));
      const channels = weight.size(1) * groups;
      const byTap = columns.reshape([n, channels, numelOf(kernel), ...count]);
      const covered = reach(count, kernel, attrs);
      const size = inputSize.map((s, i) => Math.max(s + (padding[i] as number), covered[i] ?? 0));
      const whole = g.newZeros([n, channels, ...size]);
      taps(kernel).forEach((tap, k) => {
        tapView(whole, tap, count, attrs).add_(byTap.select(2, k));
      });
      const inner = inputSize.reduce(
        (t: Tensor, s, i) => t.narrow(i + 2, padding[i] as number, s),
        whole,
      );
      return [inner.contiguous()];
    },
  });

type GradWeightInputs = readonly ["input", "grad"];

/** dL/dw[o, c, k] = sum over n, i of g[n, o, i] * x[n, c, i * s + k * d - p] */
export const convGradWeightOp: Fusable<"convGradWeight", GradWeightInputs, ConvGradWeightAttrs> =
  defineFusable("convGradWeight", {
    inputs: ["input", "grad"],
    saves: ["input", "grad"],
    infer: ([input, grad], { groups, kernelSize }): [TensorSpec] => {
      const perGroup = (input.shape[1] as number) / groups;
      const shape = [grad.shape[1] as number, perGroup, ...kernelSize];
      return [{ shape, dtype: input.dtype }];
    },
    gradient: ({ grads: [g], needs, attrs, input, grad }) => {
      const { kernelSize: _, ...plain } = attrs;
      const inputSize = input.shape.slice(2);
      return [
        needs[0] ? convGradInput(grad, g, { ...plain, inputSize }) : undefined,
        needs[1] ? dispatch(convOp, [input, g, undefined], plain) : undefined,
      ];
    },
    decompose: ([x, g], attrs) => {
      const { groups, kernelSize } = attrs;
      const [n, out] = g.shape as [number, number];
      const count = g.shape.slice(2);
      const columns = unfolded(x, kernelSize, count, attrs);
      const rows = g.reshape([n, groups, out / groups, numelOf(count)]);
      const summed = rows.matmul(columns.transpose(2, 3)).sum(0);
      return [summed.reshape([out, x.size(1) / groups, ...kernelSize])];
    },
  });

function convGradInput(g: Tensor, weight: Tensor, attrs: ConvGradInputAttrs): Tensor {
  return dispatch(convGradInputOp, [g, weight], attrs);
}
function convGradWeight(input: Tensor, g: Tensor, attrs: ConvGradWeightAttrs): Tensor {
  return dispatch(convGradWeightOp, [input, g], attrs);
}
