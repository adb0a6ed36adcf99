// Convolution and its two gradients as products whose second operand is met through windows. Groups
// are the product's batch; nothing is unfolded.
import { type KernelOf, type Kernels, numelOf, type ops, type View } from "@tead/tensor";
import type { Gpu } from "../gpu/gpu.ts";
import { numberType } from "../wgsl/elements.ts";
import { densely } from "./aliases.ts";
import { type WindowDim, windowOperand } from "./conv-window.ts";
import { runProduct } from "./product.ts";
import { plainOperand, plainTarget } from "./product-parts.ts";

export const convKernels = (
  gpu: Gpu,
): Pick<Kernels, "conv" | "convGradInput" | "convGradWeight"> => ({
  conv: convKernel(gpu),
  convGradInput: gradInputKernel(gpu),
  convGradWeight: gradWeightKernel(gpu),
});

/** [N, C, spatial elements] and the strides of a contiguous view [N, C, ...spatial]. */
function partsOf({ shape, strides }: View) {
  const [n, channels] = shape as [number, number];
  return { n, channels, spatial: shape.slice(2), area: numelOf(shape.slice(2)), strides };
}

/** One entry for each spatial dim of `view`. */
function windowDims(
  view: View,
  { lines, taps }: { readonly lines: readonly number[]; readonly taps: readonly number[] },
  of: (d: number) => Pick<WindowDim, "lineStep" | "kStep" | "shift" | "divisor">,
): WindowDim[] {
  return lines.map((count, d) => ({
    ...of(d),
    lines: count,
    taps: taps[d] as number,
    size: view.shape[d + 2] as number,
    stride: view.strides[d + 2] as number,
  }));
}

const at = (values: readonly number[], d: number): number => values[d] as number;

/** Rows are output channels, columns the places of the output, k runs over channels and taps. */
function convKernel(gpu: Gpu): KernelOf<typeof ops.convOp> {
  return ({ inputs, outputs, attrs: { groups, stride, padding, dilation } }) => {
    densely(gpu, "conv", inputs, outputs, (views, results) => {
      const [x, weight, bias] = views as readonly [View, View, View | undefined];
      const y = results[0] as View;
      const [input, output] = [partsOf(x), partsOf(y)];
      const m = output.channels / groups;
      const perGroup = input.channels / groups;
      const kernel = weight.shape.slice(2);
      const k = perGroup * numelOf(kernel);
      const dims = windowDims(x, { lines: output.spatial, taps: kernel }, (d) => ({
        lineStep: at(stride, d),
        kStep: at(dilation, d),
        shift: -at(padding, d),
        divisor: 1,
      }));
      runProduct(gpu, {
        op: "conv",
        type: numberType(y.dtype),
        ...{ m, n: output.n * output.area, k, batches: groups },
        a: plainOperand("a", weight, groupsBy(groups, m * k), k, { inner: 1 }, k),
        b: windowOperand({
          view: x,
          groupStep: perGroup * at(input.strides, 1),
          lineStep: at(input.strides, 0),
          kStep: at(input.strides, 1),
          dims,
          alongK: false,
        }),
        target: plainTarget(
          y,
          groupsBy(groups, m * output.area),
          output.area,
          { inner: 1, block: output.area, outer: at(output.strides, 0) },
          bias === undefined ? bias : { view: bias, along: "row" },
        ),
      });
    });
  };
}

const groupsBy = (groups: number, step: number) => ({ shape: [groups], strides: [step] });

/** Rows are input channels, columns the places of the input, k runs over output channels and taps. */
function gradInputKernel(gpu: Gpu): KernelOf<typeof ops.convGradInputOp> {
  return ({ inputs, outputs, attrs: { groups, stride, padding, dilation } }) => {
    densely(gpu, "convGradInput", inputs, outputs, (views, results) => {
      const [grad, weight] = views as readonly [View, View];
      const dx = results[0] as View;
      const [input, output] = [partsOf(dx), partsOf(grad)];
      const m = input.channels / groups;
      const perGroup = output.channels / groups;
      const kernel = weight.shape.slice(2);
      const taps = numelOf(kernel);
      const k = perGroup * taps;
      const dims = windowDims(grad, { lines: input.spatial, taps: kernel }, (d) => ({
        lineStep: 1,
        kStep: -at(dilation, d),
        shift: at(padding, d),
        divisor: at(stride, d),
      }));
      const weightSteps = { inner: 1, block: taps, outer: m * taps };
      runProduct(gpu, {
        op: "convGradInput",
        type: numberType(dx.dtype),
        ...{ m, n: input.n * input.area, k, batches: groups },
        a: plainOperand("a", weight, groupsBy(groups, perGroup * m * taps), taps, weightSteps, k),
        b: windowOperand({
          view: grad,
          groupStep: perGroup * at(output.strides, 1),
          lineStep: at(output.strides, 0),
          kStep: at(output.strides, 1),
          dims,
          alongK: false,
        }),
        target: plainTarget(dx, groupsBy(groups, m * input.area), input.area, {
          inner: 1,
          block: input.area,
          outer: at(input.strides, 0),
        }),
      });
    });
  };
}

/** Rows are output channels, columns input channels and taps, k runs over the output's places. */
function gradWeightKernel(gpu: Gpu): KernelOf<typeof ops.convGradWeightOp> {
  return ({ inputs, outputs, attrs: { groups, stride, padding, dilation, kernelSize } }) => {
    densely(gpu, "convGradWeight", inputs, outputs, (views, results) => {
      const [x, grad] = views as readonly [View, View];
      const dw = results[0] as View;
      const [input, output] = [partsOf(x), partsOf(grad)];
      const m = output.channels / groups;
      const perGroup = input.channels / groups;
      const n = perGroup * numelOf(kernelSize);
      const dims = windowDims(x, { lines: kernelSize, taps: output.spatial }, (d) => ({
        lineStep: at(dilation, d),
        kStep: at(stride, d),
        shift: -at(padding, d),
        divisor: 1,
      }));
      const gradSteps = { inner: 1, block: output.area, outer: at(output.strides, 0) };
      const k = output.n * output.area;
      runProduct(gpu, {
        op: "convGradWeight",
        type: numberType(dw.dtype),
        ...{ m, n, k, batches: groups },
        a: plainOperand("a", grad, groupsBy(groups, m * output.area), output.area, gradSteps, k),
        b: windowOperand({
          view: x,
          groupStep: perGroup * at(input.strides, 1),
          lineStep: at(input.strides, 1),
          kStep: at(input.strides, 0),
          dims,
          alongK: true,
        }),
        target: plainTarget(dw, groupsBy(groups, m * n), n, { inner: 1 }),
      });
    });
  };
}
