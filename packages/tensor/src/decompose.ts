// Running a fusable op through its decomposition, for dispatch alone.
import type { Backend } from "./backend.ts";
import { runtime } from "./context.ts";
import { type DType, isFloat, isHalf, resultType } from "./dtype.ts";
import { UnsupportedError } from "./errors.ts";
import type { AnyOp, OperandSpec, TensorSpec } from "./op.ts";
import { specsOf } from "./operands.ts";
import type { RecordedInput } from "./recorder.ts";
import type { Tensor } from "./tensor.ts";
import { Workspace } from "./workspace.ts";

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
    const common = commonDType(op, inputs, specs);
    const compute = half && isHalf(common) ? "float32" : common;
    const prepare = (x: RecordedInput, i: number): Prepared => {
      if (Array.isArray(x)) return (x as readonly Tensor[]).map((t) => prepare(t, i) as Tensor);
      if (typeof x === "number" || typeof x === "boolean")
        return any.newFull([], Number(x), { dtype: compute });
      const t = x as Tensor | undefined;
      if (t === undefined) return t;
      if (half && isHalf(t.dtype)) return t.to("float32");
      // Integers become floats before the first step, not after an overflow.
      const rises = op.elementwise && isFloat(compute) && !isFloat(t.dtype);
      return rises && !op.unpromoted.includes(op.inputs[i] as string) ? t.to(compute) : t;
    };
    const outputs = decompose(inputs.map(prepare) as never, attrs) as readonly Tensor[];
    return outputs.map((t, i) => t.to((specs[i] as TensorSpec).dtype));
  };
  const { context } = runtime;
  // Where the inner ops are recorded, what they make belongs to the graph.
  if (op.gradient === "throughDecomposition" && context.gradEnabled) return body();
  const workspace = new Workspace();
  runtime.context = { ...context, gradEnabled: false, scope: workspace };
  try {
    const outputs = body();
    // A result that was reshaped last is no view to anyone else: it may be written in place.
    for (const t of outputs) if (!inputs.flat().includes(t)) t.viewOf = undefined;
    workspace.settle(outputs, workspace.outer);
    return outputs;
  } finally {
    runtime.context = context;
  }
}

/** The dtype that numbers get, and integers too where an elementwise op gives floats: as for its kernel. */
function commonDType(
  op: AnyOp,
  inputs: readonly RecordedInput[],
  specs: readonly TensorSpec[],
): DType {
  const output = specs[0]?.dtype;
  if (op.elementwise && output !== undefined && isFloat(output)) return output;
  const operands = specsOf(inputs).filter(
    (spec, i) => spec !== undefined && !op.unpromoted.includes(op.inputs[i] as string),
  );
  return resultType(operands.flat() as OperandSpec[]);
}
