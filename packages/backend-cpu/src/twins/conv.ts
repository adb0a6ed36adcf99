// The definitions of the float32 convolution kernels, and what runs where WebAssembly SIMD is missing.
import type { Owner } from "../wasm/packed-weights.ts";
import type { ConvSizes } from "./conv-columns.ts";
import { convolve, convolveGradInput, convolveGradWeight } from "./conv-nd.ts";

/** See `convF32` in src/wasm. Sums in float64. `owner` is the buffer that the weight lies in: nothing is packed here. */
export const convF32: (
  out: Float32Array,
  input: Float32Array,
  weight: Float32Array,
  bias: Float32Array | undefined,
  sizes: ConvSizes,
  owner?: Owner,
) => void = convolve;

/** See `convGradInputF32` in src/wasm. */
export const convGradInputF32: (
  gradInput: Float32Array,
  gradOut: Float32Array,
  weight: Float32Array,
  sizes: ConvSizes,
  owner?: Owner,
) => void = convolveGradInput;

/** See `convGradWeightF32` in src/wasm. */
export const convGradWeightF32: (
  gradWeight: Float32Array,
  input: Float32Array,
  gradOut: Float32Array,
  sizes: ConvSizes,
) => void = convolveGradWeight;
