// The definitions of the float32 convolution kernels, and what runs where WebAssembly SIMD is missing.
import type { Conv2dShape } from "../wasm/conv-shape.ts";

type Visit = (output: number, input: number, weight: number) => void;

/** Calls `visit` for every product that a convolution sums, with positions in the three dense arrays. */
const eachProduct = (shape: Conv2dShape, visit: Visit): void => {
  const channels = shape.inChannels / shape.groups;
  const outChannels = shape.outChannels / shape.groups;
  let output = 0;
  for (let n = 0; n < shape.batch; n++) {
    for (let o = 0; o < shape.outChannels; o++) {
      const firstChannel = Math.floor(o / outChannels) * channels;
      for (let y = 0; y < shape.outHeight; y++) {
        for (let x = 0; x < shape.outWidth; x++, output++) {
          for (let c = 0; c < channels; c++) {
            const plane = n * shape.inChannels + firstChannel + c;
            for (let kh = 0; kh < shape.kernelHeight; kh++) {
              const ih = y * shape.strideHeight + kh * shape.dilationHeight - shape.padHeight;
              if (ih < 0 || ih >= shape.inHeight) continue;
              for (let kw = 0; kw < shape.kernelWidth; kw++) {
                const iw = x * shape.strideWidth + kw * shape.dilationWidth - shape.padWidth;
                if (iw < 0 || iw >= shape.inWidth) continue;
                const kernel =
                  ((o * channels + c) * shape.kernelHeight + kh) * shape.kernelWidth + kw;
                visit(output, (plane * shape.inHeight + ih) * shape.inWidth + iw, kernel);
              }
            }
          }
        }
      }
    }
  }
};

/** See `conv2dF32` in src/wasm. Sums in float64. */
export function conv2dF32(
  out: Float32Array,
  outOffset: number,
  input: Float32Array,
  inputOffset: number,
  weight: Float32Array,
  weightOffset: number,
  bias: Float32Array | undefined,
  biasOffset: number,
  shape: Conv2dShape,
): void {
  const plane = shape.outHeight * shape.outWidth;
  const sums = new Float64Array(shape.batch * shape.outChannels * plane);
  if (bias) {
    for (let i = 0; i < shape.batch * shape.outChannels; i++) {
      const value = bias[biasOffset + (i % shape.outChannels)] as number;
      sums.fill(value, i * plane, (i + 1) * plane);
    }
  }
  eachProduct(shape, (o, i, w) => {
    sums[o] =
      (sums[o] as number) +
      (input[inputOffset + i] as number) * (weight[weightOffset + w] as number);
  });
  out.set(sums, outOffset);
}

/** See `conv2dGradInputF32` in src/wasm. */
export function conv2dGradInputF32(
  gradInput: Float32Array,
  gradInputOffset: number,
  gradOut: Float32Array,
  gradOutOffset: number,
  weight: Float32Array,
  weightOffset: number,
  shape: Conv2dShape,
): void {
  const sums = new Float64Array(shape.batch * shape.inChannels * shape.inHeight * shape.inWidth);
  eachProduct(shape, (o, i, w) => {
    sums[i] =
      (sums[i] as number) +
      (gradOut[gradOutOffset + o] as number) * (weight[weightOffset + w] as number);
  });
  gradInput.set(sums, gradInputOffset);
}

/** See `conv2dGradWeightF32` in src/wasm. */
export function conv2dGradWeightF32(
  gradWeight: Float32Array,
  gradWeightOffset: number,
  input: Float32Array,
  inputOffset: number,
  gradOut: Float32Array,
  gradOutOffset: number,
  shape: Conv2dShape,
): void {
  const kernel = (shape.inChannels / shape.groups) * shape.kernelHeight * shape.kernelWidth;
  const sums = new Float64Array(shape.outChannels * kernel);
  eachProduct(shape, (o, i, w) => {
    sums[w] =
      (sums[w] as number) +
      (gradOut[gradOutOffset + o] as number) * (input[inputOffset + i] as number);
  });
  gradWeight.set(sums, gradWeightOffset);
}
