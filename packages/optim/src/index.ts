// The public face of @tead/optim: re-exports only.
export { Adadelta, type AdadeltaOptions } from "./adadelta.ts";
export { Adafactor, type AdafactorOptions } from "./adafactor.ts";
export { Adagrad, type AdagradOptions } from "./adagrad.ts";
export { Adam, type AdamOptions, AdamW, type AdamWOptions } from "./adam.ts";
export { Adamax, type AdamaxOptions } from "./adamax.ts";
export { ASGD, type ASGDOptions } from "./asgd.ts";
export {
  AveragedModel,
  type AveragedModelOptions,
  type AveragedModule,
} from "./averaging/averaged-model.ts";
export {
  type AvgFn,
  getEmaAvgFn,
  getEmaMultiAvgFn,
  getSwaAvgFn,
  getSwaMultiAvgFn,
  type MultiAvgFn,
} from "./averaging/rules.ts";
export { type InputBatch, updateBn, type WithRunningStats } from "./averaging/update-bn.ts";
export { OptimizerBase } from "./base.ts";
export {
  GradScaler,
  type GradScalerOptions,
  type GradScalerStateDict,
  type ScaledOptimizer,
} from "./grad-scaler.ts";
export type {
  LearningRate,
  ParamGroup,
  ParamGroupOptions,
  Params,
  ScheduleFields,
  WithLearningRate,
} from "./groups.ts";
export { LBFGS, type LBFGSOptions } from "./lbfgs.ts";
export { Muon, type MuonOptions } from "./muon.ts";
export { NAdam, type NAdamOptions } from "./nadam.ts";
export { Optimizer } from "./optimizer.ts";
export { RAdam, type RAdamOptions } from "./radam.ts";
export { RMSprop, type RMSpropOptions } from "./rmsprop.ts";
export { Rprop, type RpropOptions } from "./rprop.ts";
export { ChainedScheduler, SequentialLR } from "./schedulers/compose.ts";
export { CyclicLR, type CyclicLROptions } from "./schedulers/cyclic.ts";
export { LambdaLR, type LrLambda, MultiplicativeLR } from "./schedulers/lambda.ts";
export { OneCycleLR, type OneCycleLROptions } from "./schedulers/one-cycle.ts";
export { ReduceLROnPlateau, type ReduceLROnPlateauOptions } from "./schedulers/plateau.ts";
export {
  EpochScheduler,
  LRScheduler,
  type Scheduled,
  type ScheduledGroup,
  type SchedulerOptions,
  type SchedulerStateDict,
} from "./schedulers/scheduler.ts";
export {
  CosineAnnealingLR,
  type CosineAnnealingLROptions,
  CosineAnnealingWarmRestarts,
  type CosineAnnealingWarmRestartsOptions,
  ExponentialLR,
} from "./schedulers/smooth.ts";
export { MultiStepLR, StepLR, type StepLROptions } from "./schedulers/step.ts";
export { SWALR, type SWALROptions } from "./schedulers/swa.ts";
export {
  ConstantLR,
  type ConstantLROptions,
  LinearLR,
  type LinearLROptions,
  PolynomialLR,
  type PolynomialLROptions,
} from "./schedulers/warmup.ts";
export { SGD, type SGDOptions } from "./sgd.ts";
export { SparseAdam, type SparseAdamOptions } from "./sparse-adam.ts";
export type {
  OptimizerStateDict,
  ParameterState,
  SavedGroup,
  SavedState,
  StateLayout,
} from "./state-dict.ts";
