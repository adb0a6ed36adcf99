// One set of float32 kernels, whichever can run here.
import * as twins from "../twins/index.ts";
import { activationF32, activationGradF32 } from "./activation.ts";
import { attentionF32, attentionGradF32 } from "./attention.ts";
import {
  batchNormF32,
  batchNormGradF32,
  momentsF32,
  normalizeGradF32,
  scaleShiftF32,
} from "./batch-norm.ts";
import { convF32, convGradInputF32, convGradWeightF32 } from "./conv.ts";
import { binaryF32, compareF32, scalarF32, unaryF32 } from "./elementwise.ts";
import { wasmAvailable } from "./engine.ts";
import { layerNormF32, layerNormGradF32 } from "./layer-norm.ts";
import { matmulF32 } from "./matmul.ts";
import { matmulBatchF32 } from "./matmul-batch.ts";
import { adagradStepF32, adamStepF32, rmspropStepF32, sgdStepF32 } from "./optimizer.ts";
import { avgPool2dF32, avgPool2dGradF32, maxPool2dF32, maxPool2dGradF32 } from "./pool.ts";
import { argF32, reduceF32 } from "./reduce.ts";
import {
  gruSequenceF32,
  gruSequenceGradF32,
  lstmSequenceF32,
  lstmSequenceGradF32,
  rnnSequenceF32,
  rnnSequenceGradF32,
} from "./rnn.ts";
import {
  logSoftmaxColumnsF32,
  logSoftmaxColumnsGradF32,
  logSoftmaxF32,
  logSoftmaxGradF32,
  softmaxColumnsF32,
  softmaxColumnsGradF32,
  softmaxF32,
  softmaxGradF32,
} from "./softmax.ts";

/** All float32 kernels by name; the twins define the signatures and the results. */
export type F32Kernels = Readonly<typeof twins>;

const simd: F32Kernels = {
  ...{ activationF32, activationGradF32, compareF32, layerNormF32, layerNormGradF32 },
  ...{ logSoftmaxColumnsF32, logSoftmaxColumnsGradF32, softmaxColumnsF32, softmaxColumnsGradF32 },
  ...{ adamStepF32, avgPool2dF32, avgPool2dGradF32, batchNormF32, batchNormGradF32, binaryF32 },
  ...{ convF32, convGradInputF32, convGradWeightF32, logSoftmaxF32, logSoftmaxGradF32 },
  ...{ attentionF32, attentionGradF32, matmulBatchF32 },
  ...{ gruSequenceF32, gruSequenceGradF32, lstmSequenceF32, lstmSequenceGradF32 },
  ...{ rnnSequenceF32, rnnSequenceGradF32, adagradStepF32, rmspropStepF32 },
  ...{ matmulF32, maxPool2dF32, maxPool2dGradF32, momentsF32, reduceF32, scalarF32, sgdStepF32 },
  ...{ argF32, normalizeGradF32, scaleShiftF32, softmaxF32, softmaxGradF32, unaryF32 },
};

/** The SIMD kernels where WebAssembly SIMD is available, else their TypeScript twins. */
export function f32Kernels(): F32Kernels {
  return wasmAvailable() ? simd : twins;
}
