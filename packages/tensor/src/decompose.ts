// Running a fusable op through its decomposition, for dispatch alone.
import type { Backend } from "./backend.ts";
import { runtime } from "./context.ts";
import { dispatch, dispatchInto } from "./dispatch.ts";
import { type DType, dtypeOfNumber, isHalf } from "./dtype.ts";
import { UnsupportedError } from "./errors.ts";
import type { AnyOp, TensorSpec } from "./op.ts";
import { withoutGrad } from "./operands.ts";
import { copyOp, fillOp } from "./ops/copy.ts";
import type { RecordedInput } from "./recorder.ts";
import type { Tensor } from "./tensor.ts";

type Prepared = Tensor | undefined | readonly (Tensor | undefined)[];

/** The outputs of `op` by its decomposition; half precision is upcast once and rounded once. */
export function decomposeOp(
  op: AnyOp,
  inputs: readonly RecordedInput[],
  attrs: unknown,
  specs: readonly TensorSpec[],
  device: Backend,
): readonly Tensor[] {
  const { decompose } = op;
  if (decompose === undefined)
    throw new UnsupportedError(
      `Backend ${device.name} has no kernel for this primitive: expected kernels.${op.name}`,
      { op: op.name },
    );
  const body = (): readonly Tensor[] => {
    const half = op.mutates.length === 0 && specs.some((spec) => isHalf(spec.dtype));
    const prepare = (x: RecordedInput): Prepared => {
      if (Array.isArray(x)) return (x as readonly Tensor[]).map((t) => prepare(t) as Tensor);
      if (typeof x === "number" || typeof x === "boolean")
        return dispatch(fillOp, [], { shape: [], dtype: dtypeOfNumber(x), value: Number(x) }, device);
      const t = x as Tensor | undefined;
      return half && t !== undefined && isHalf(t.dtype) ? cast(t, "float32") : t;
    };
    const outputs = decompose(inputs.map(prepare), attrs) as readonly Tensor[];
    return outputs.map((t, i) => cast(t, (specs[i] as TensorSpec).dtype));
  };
  const through = op.gradient === "throughDecomposition";
  return through || !runtime.context.gradEnabled ? body() : withoutGrad(body);
}

function cast(tensor: Tensor, dtype: DType): Tensor {
  return tensor.dtype === dtype ? tensor : dispatch(copyOp, [tensor], { dtype });
}

/** Writes `source` into `target`, converting as needed. */
export function castFor(source: Tensor, target: Tensor): Tensor {
  return dispatchInto(copyOp, [source], { dtype: target.dtype }, target);
}
