// Convolution and its gradients: SIMD for float32, the plain loops otherwise.
import { isContiguous, type KernelOf, type Kernels, type ops, type View } from "@tead/tensor";
import {
  type ConvSizes,
  convolve,
  convolveGradInput,
  convolveGradWeight,
} from "../twins/conv-nd.ts";
import { f32Kernels } from "../wasm/index.ts";
import { areSingle, type Floats, read, readOptional, write } from "./floats.ts";

const f32 = f32Kernels();
type Triple = readonly [number, number, number];
type Attrs = {
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
  readonly groups: number;
};

/** Up to three spatial values as three, `missing` in front. */
function triple(values: readonly number[], missing: number): Triple {
  const [a = missing, b = missing, c = missing] = [...values].reverse();
  return [c, b, a];
}

function sizesOf(
  input: readonly number[],
  weight: readonly number[],
  output: readonly number[],
  { stride, padding, dilation, groups }: Attrs,
): ConvSizes {
  return {
    batch: input[0] as number,
    inChannels: input[1] as number,
    outChannels: output[1] as number,
    groups,
    input: triple(input.slice(2), 1),
    output: triple(output.slice(2), 1),
    kernel: triple(weight.slice(2), 1),
    stride: triple(stride, 1),
    padding: triple(padding, 0),
    dilation: triple(dilation, 1),
  };
}

/** The buffer of a weight that is used as it lies there: packed forms of it may be kept until it is written. */
const ownerOf = (weight: View): Floats | undefined =>
  isContiguous(weight) ? (weight.buffer as Floats) : undefined;

const single = (values: Floats): Float32Array => values as Float32Array;

const conv: KernelOf<typeof ops.convOp> = ({ inputs: [x, weight, bias], outputs, attrs }) => {
  const out = outputs[0] as View;
  const sizes = sizesOf(x.shape, weight.shape, out.shape, attrs);
  const fast = areSingle([x, weight, bias, out]);
  const [data, kernel, offset] = [read(x), read(weight), readOptional(bias)];
  write(out, [x, weight, bias], (y) => {
    if (!fast) convolve(y, data, kernel, offset, sizes);
    else {
      const start = offset && single(offset);
      f32.convF32(single(y), single(data), single(kernel), start, sizes, ownerOf(weight));
    }
  });
};

const convGradInput: KernelOf<typeof ops.convGradInputOp> = ({ inputs, outputs, attrs }) => {
  const [grad, weight] = inputs;
  const out = outputs[0] as View;
  const sizes = sizesOf(out.shape, weight.shape, grad.shape, attrs);
  const fast = areSingle([grad, weight, out]);
  const [g, kernel] = [read(grad), read(weight)];
  write(out, inputs, (dx) => {
    if (!fast) convolveGradInput(dx, g, kernel, sizes);
    else f32.convGradInputF32(single(dx), single(g), single(kernel), sizes, ownerOf(weight));
  });
};

const convGradWeight: KernelOf<typeof ops.convGradWeightOp> = ({ inputs, outputs, attrs }) => {
  const [input, grad] = inputs;
  const out = outputs[0] as View;
  const sizes = sizesOf(input.shape, out.shape, grad.shape, attrs);
  const fast = areSingle([input, grad, out]);
  const [x, g] = [read(input), read(grad)];
  write(out, inputs, (dw) => {
    if (!fast) convolveGradWeight(dw, x, g, sizes);
    else f32.convGradWeightF32(single(dw), single(x), single(g), sizes);
  });
};

export const convKernels: Pick<Kernels, "conv" | "convGradInput" | "convGradWeight"> = {
  conv,
  convGradInput,
  convGradWeight,
};
