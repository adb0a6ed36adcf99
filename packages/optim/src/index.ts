// The public face of @tead/optim: re-exports only.
export { Adagrad, type AdagradOptions } from "./adagrad.ts";
export { Adam, type AdamOptions, AdamW } from "./adam.ts";
export {
  type LearningRate,
  Optimizer,
  type OptimizerStateDict,
  type ParameterState,
  type ParamGroup,
  type ParamGroupOptions,
  type Params,
  type SavedState,
} from "./optimizer.ts";
export { RMSprop, type RMSpropOptions } from "./rmsprop.ts";
export {
  LRScheduler,
  type Scheduled,
  type SchedulerOptions,
  type SchedulerStateDict,
} from "./schedulers/scheduler.ts";
export {
  CosineAnnealingLR,
  type CosineAnnealingLROptions,
  ExponentialLR,
  LambdaLR,
  type LrLambda,
} from "./schedulers/smooth.ts";
export { MultiStepLR, StepLR, type StepLROptions } from "./schedulers/step.ts";
export {
  ConstantLR,
  type ConstantLROptions,
  LinearLR,
  type LinearLROptions,
} from "./schedulers/warmup.ts";
export { SGD, type SGDOptions } from "./sgd.ts";
