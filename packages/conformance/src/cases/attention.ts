// Scaled dot-product attention and its gradients.
import { attention } from "../fixtures/attention.ts";
import { type Cases, family, grid } from "./family.ts";

const attrs = { scale: 0.25, causal: true };
const large = [
  {
    kind: "float" as const,
    inputs: [grid([2, 21, 5], 1), grid([2, 37, 5], 2), grid([2, 37, 9], 3), undefined, undefined],
    attrs,
  },
];
const wrongKey = {
  name: "keys of other features",
  dtype: "float32",
  inputs: [grid([3, 4], 1), grid([5, 2], 2), grid([5, 4], 3), undefined, undefined],
  attrs,
  message: /Key does not fit: expected \[5, 4\], received \[5, 2\]/,
} as const;
const wrongMask = {
  name: "a mask of integers",
  dtype: "float32",
  inputs: [
    ...[grid([3, 4], 1), grid([5, 4], 2), grid([5, 4], 3)],
    { shape: [3, 5], data: new Array<number>(15).fill(1), dtype: "int32" as const },
    undefined,
  ],
  attrs,
  message: /Mask has the wrong dtype: expected bool or float32, received int32/,
} as const;

const wrongKept = {
  name: "kept weights of floats",
  dtype: "float32",
  inputs: [grid([3, 4], 1), grid([5, 4], 2), grid([5, 4], 3), undefined, grid([3, 5], 4)],
  attrs,
  message: /Kept has the wrong dtype: expected bool, received float32/,
} as const;
const wrongRows = {
  name: "heads that do not lie in rows",
  dtype: "float32",
  inputs: [grid([3, 4], 1), grid([5, 4], 2), grid([5, 4], 3), undefined, undefined],
  attrs: { ...attrs, rowDim: -3 },
  message: /Query has the wrong rank: expected at least 3 dims, received 2/,
} as const;

const flatQuery = {
  name: "a query without rows",
  dtype: "float32",
  inputs: [grid([4], 1), grid([5, 4], 2), grid([5, 4], 3), undefined, undefined],
  attrs,
  message: /Query has the wrong rank: expected at least 2 dims, received 1/,
} as const;
const wrongGradient = {
  name: "a gradient of other rows",
  dtype: "float32",
  inputs: [
    ...[grid([2, 4], 1), grid([3, 4], 1), grid([5, 4], 2), grid([5, 4], 3), undefined, undefined],
    ...[grid([3, 4], 4), grid([3], 5)],
  ],
  attrs,
  message: /Gradient does not fit: expected \[3, 4\], received \[2, 4\]/,
} as const;

export const attentionCases: Cases = family("attention", attention, {
  attention: { large, errors: [wrongKey, wrongMask, wrongKept, wrongRows, flatQuery] },
  attentionGrad: { errors: [wrongGradient] },
});
