export type { Dataset, IterableDataset } from "./dataset.ts";
export {
  type ImageArray,
  LabeledImages,
  type SampleTransforms,
} from "./datasets/labeled-images.ts";
export { SyntheticDigits, type SyntheticDigitsOptions } from "./datasets/synthetic-digits.ts";
export { type IdxArray, type IdxData, parseIdx } from "./idx.ts";
