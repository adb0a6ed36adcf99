// Initial values of weights, PyTorch's torch.nn.init.
export { constant_, dirac_, eye_, ones_, zeros_ } from "./constant.ts";
export {
  calculateFanInAndFanOut,
  calculateGain,
  type FanMode,
  type Fans,
  type Nonlinearity,
} from "./fans.ts";
export { type OrthogonalOptions, orthogonal_ } from "./orthogonal.ts";
export {
  type KaimingOptions,
  kaimingNormal_,
  kaimingUniform_,
  normal_,
  uniform_,
  type XavierOptions,
  xavierNormal_,
  xavierUniform_,
} from "./random.ts";
export {
  type SparseOptions,
  sparse_,
  type TruncNormalOptions,
  truncNormal_,
} from "./truncated.ts";
