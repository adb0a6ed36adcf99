// The public face of @tead/data: re-exports only.
export { type Collated, defaultCollate } from "./collate.ts";
export { DataLoader } from "./data-loader.ts";
export type {
  CommonLoaderOptions,
  DataLoaderOptions,
  DataSource,
  SampleLoaderOptions,
} from "./data-loader-options.ts";
export type { Dataset, IterableDataset } from "./dataset.ts";
export { type DatasetSource, openDataset, sourceOf } from "./dataset-source.ts";
export {
  type ImageArray,
  LabeledImages,
  type SampleTransforms,
} from "./datasets/labeled-images.ts";
export {
  ConcatDataset,
  type RandomSplitOptions,
  randomSplit,
  Subset,
} from "./datasets/subset.ts";
export { SyntheticDigits, type SyntheticDigitsOptions } from "./datasets/synthetic-digits.ts";
export { TensorDataset, type TensorsOf } from "./datasets/tensor-dataset.ts";
export { type IdxArray, type IdxData, parseIdx } from "./idx.ts";
export { BatchSampler } from "./samplers/batch-sampler.ts";
export {
  type GeneratorOptions,
  RandomSampler,
  type RandomSamplerOptions,
  SubsetRandomSampler,
  WeightedRandomSampler,
  type WeightedRandomSamplerOptions,
} from "./samplers/random-samplers.ts";
export { type Sampler, SequentialSampler, type Sized } from "./samplers/sampler.ts";
