// Running a fusable op through its decomposition, for dispatch alone.
import type { Backend } from "./backend.ts";
import { runtime } from "./context.ts";
import { dtypeOfNumber, isHalf } from "./dtype.ts";
import { UnsupportedError } from "./errors.ts";
import type { AnyOp, TensorSpec } from "./op.ts";
import { withoutGrad } from "./operands.ts";
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
    const any = inputs.flat().find((x) => typeof x === "object") as Tensor;
    const prepare = (x: RecordedInput): Prepared => {
      if (Array.isArray(x)) return (x as readonly Tensor[]).map((t) => prepare(t) as Tensor);
      if (typeof x === "number" || typeof x === "boolean")
        return any.newFull([], Number(x), { dtype: dtypeOfNumber(x) });
      const t = x as Tensor | undefined;
      return half && t !== undefined && isHalf(t.dtype) ? t.to("float32") : t;
    };
    const outputs = decompose(inputs.map(prepare) as never, attrs) as readonly Tensor[];
    return outputs.map((t, i) => t.to((specs[i] as TensorSpec).dtype));
  };
  const through = op.gradient === "throughDecomposition";
  return through || !runtime.context.gradEnabled ? body() : withoutGrad(body);
}
