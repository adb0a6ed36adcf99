// The public face of @tead/autograd. Importing it installs the recorder.
import "./install.ts";

export type { SavedTensorHooks } from "@tead/tensor";
export { enableGrad, isGradEnabled, noGrad } from "@tead/tensor";
export { type AnomalyOptions, detectAnomaly } from "./anomaly.ts";
export { backwardAll as backward, type GradOptions, grad } from "./backward.ts";
export { type CheckpointOptions, checkpoint, checkpointWith } from "./checkpoint.ts";
export { CustomFunction as Function, type FunctionClass, onceDifferentiable } from "./function.ts";
export { FunctionContext } from "./function-context.ts";
export type { BackwardResult, BackwardRule } from "./function-node.ts";
export * from "./functional.ts";
export {
  type GradcheckOptions,
  type GradgradcheckOptions,
  gradcheck,
  gradgradcheck,
} from "./gradcheck.ts";
export { inferenceMode, isInferenceModeEnabled, setGradEnabled } from "./modes.ts";
export { savedTensorsHooks } from "./saved-hooks.ts";
