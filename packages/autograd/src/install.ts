// Installs the recorder: what importing the package does.
import {
  DTypeError,
  isFloat,
  type Recorder,
  runtime,
  ShapeError,
  StateError,
  sameShape,
  type Tensor,
  tracksGrad,
} from "@tead/tensor";
import { setGrad } from "./accumulate-grad.ts";
import { backward } from "./backward.ts";
import { nodeOf, retain } from "./edges.ts";
import { HookList } from "./hooks.ts";
import { checkInPlace } from "./in-place.ts";
import { metaOf, metaOrNew, type TensorHook } from "./meta.ts";
import type { Node } from "./node.ts";
import { beforeInPlace, record } from "./record.ts";

function setRequiresGrad(tensor: Tensor, value: boolean): void {
  if (value && !isFloat(tensor.dtype))
    throw new DTypeError(
      `requiresGrad_: Cannot require a gradient: expected a float dtype, received ${tensor.dtype}`,
      { hint: 'convert with .to("float32")' },
    );
  if (value && tensor.storage.inference && !runtime.context.inferenceMode)
    throw new StateError(
      "requiresGrad_: Cannot require a gradient of an inference tensor: expected a normal tensor",
      { hint: "use a clone() made outside inferenceMode" },
    );
  if (nodeOf(tensor) !== undefined) {
    if (value) return;
    throw new StateError(
      "requiresGrad_: Cannot stop the gradient of a tensor that is not a leaf: expected a leaf",
      { hint: "use detach()" },
    );
  }
  if (!value && tensor.autograd === undefined) return;
  metaOrNew(tensor).requiresGrad = value;
}

function assignGrad(tensor: Tensor, grad: Tensor | undefined): void {
  if (grad !== undefined) {
    if (!sameShape(grad.shape, tensor.shape))
      throw new ShapeError(
        `grad: Gradient does not fit: expected shape [${tensor.shape.join(", ")}], ` +
          `received [${grad.shape.join(", ")}]`,
      );
    if (grad.dtype !== tensor.dtype || grad.device !== tensor.device)
      throw new DTypeError(
        `grad: Gradient does not fit: expected ${tensor.dtype} ${tensor.device.name}, ` +
          `received ${grad.dtype} ${grad.device.name}`,
      );
    if (grad === tensor)
      throw new StateError("grad: Tensor cannot be its own gradient: expected another tensor");
    metaOrNew(tensor);
  }
  setGrad(tensor, grad);
}

function registerHook(tensor: Tensor, hook: TensorHook): ReturnType<Recorder["registerHook"]> {
  if (!tracksGrad(tensor))
    throw new StateError(
      "registerHook: Tensor does not require grad: expected a tensor that gradients flow to",
    );
  const node = nodeOf(tensor);
  const meta = metaOrNew(tensor);
  if (node !== undefined) return node.hooksOrNew().tensor.add({ index: meta.index, rank: 0, hook });
  meta.hooks ??= new HookList();
  return meta.hooks.add(hook);
}

function retainGrad(tensor: Tensor): void {
  if (!tracksGrad(tensor))
    throw new StateError(
      "retainGrad: Tensor does not require grad: expected a tensor that gradients flow to",
    );
  const node = nodeOf(tensor);
  const meta = metaOf(tensor);
  if (node !== undefined && meta !== undefined && meta.retained === undefined) retain(tensor, meta);
}

/** Everything that the graph behind a tensor keeps. */
function* savedBy(tensor: Tensor): Iterable<Tensor> {
  const start = tracksGrad(tensor) ? nodeOf(tensor) : undefined;
  if (start === undefined) return;
  const seen = new Set<Node>([start]);
  // A Set visits what is added while it is walked.
  for (const node of seen) {
    yield* node.saved();
    for (const next of node.edges) if (next !== undefined) seen.add(next);
  }
}

const recorder: Recorder = {
  checkInPlace,
  beforeInPlace,
  record,
  backward,
  gradFn: nodeOf,
  setRequiresGrad,
  setGrad: assignGrad,
  retainGrad,
  registerHook,
  detachInPlace(tensor) {
    const meta = metaOf(tensor);
    if (meta === undefined) return;
    meta.retained?.remove();
    meta.retained = undefined;
    meta.requiresGrad = false;
    meta.node = undefined;
    meta.index = 0;
  },
  savedBy,
};

runtime.recorder = recorder;
