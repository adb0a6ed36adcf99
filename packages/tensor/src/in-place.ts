// What stands around the writing ops: what may be written to, and whose version moves.
import { runtime } from "./context.ts";
import { canCast } from "./dtype.ts";
import { DTypeError, ShapeError, StateError } from "./errors.ts";
import type { AnyOp, TensorSpec } from "./op.ts";
import { locate } from "./operands.ts";
import { type RecordedInput, tracksGrad } from "./recorder.ts";
import { sameShape, selfOverlaps } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

type Inputs = readonly RecordedInput[];

/** Calls `visit` with each tensor that an op writes. */
function eachMutated(op: AnyOp, inputs: Inputs, visit: (tensor: Tensor) => void): void {
  for (const place of op.plan.mutated) {
    const input = inputs[place];
    if (Array.isArray(input)) for (const tensor of input as readonly Tensor[]) visit(tensor);
    else if (typeof input === "object") visit(input as Tensor);
  }
}

const bump = ({ storage }: Tensor): void => {
  storage.version++;
};

/** Refuses an op that writes an operand whose gradient is being recorded: it has none. */
export function checkMutated(op: AnyOp, inputs: Inputs): void {
  const { gradEnabled, inferenceMode } = runtime.context;
  if (!gradEnabled || inferenceMode) return;
  let tracked = false;
  eachMutated(op, inputs, (tensor) => {
    tracked ||= tracksGrad(tensor);
  });
  if (!tracked) return;
  const error = new StateError(
    "Cannot write an operand that requires grad: expected recording to be off",
    { hint: "wrap the call in noGrad(() => ...)" },
  );
  throw locate(error, op, inputs);
}

/** Raises the version of every operand that the op has written. */
export function bumpMutated(op: AnyOp, inputs: Inputs): void {
  eachMutated(op, inputs, bump);
}

/** Refuses a target that the result cannot be written into. */
export function checkTarget(op: AnyOp, inputs: Inputs, spec: TensorSpec, target: Tensor): void {
  let error: Error | undefined;
  if (!sameShape(spec.shape, target.shape))
    error = new ShapeError(
      `Cannot write the result in place: expected a result of shape [${target.shape.join(", ")}], ` +
        `received [${spec.shape.join(", ")}]`,
    );
  else if (!canCast(spec.dtype, target.dtype))
    error = new DTypeError(
      `Cannot write the result in place: expected a result that fits ${target.dtype}, ` +
        `received ${spec.dtype}`,
      { hint: "use the method without the underscore, or convert with to()" },
    );
  else if (inputs.length > 0 && selfOverlaps(target))
    error = new StateError(
      "Cannot write in place: expected a tensor whose elements each have their own place, " +
        "received an expanded view",
      { hint: "call clone() first" },
    );
  else if (target.storage.inference && !runtime.context.inferenceMode)
    error = new StateError(
      "Cannot write in place outside inferenceMode: expected a normal tensor, received one made in inference mode",
      { hint: "write to a clone()" },
    );
  if (error !== undefined) throw locate(error, op, inputs);
}
