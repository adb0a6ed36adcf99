// What dispatch needs to know of the operands it is given: device, specs, views for the kernel.
import type { Backend, FailureCode, View } from "./backend.ts";
import { runtime } from "./context.ts";
import { type DType, dtypeOfNumber, isFloat, resultType } from "./dtype.ts";
import { DeviceError, type ErrorOperand, isTeadError, ShapeError, StateError } from "./errors.ts";
import type { AnyOp, OperandSpec } from "./op.ts";
import { type FloatDType, rounderOf } from "./random/precision.ts";
import { type RecordedInput, type Recorder, tracksGrad } from "./recorder.ts";
import { broadcastStrides, sameShape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

type Inputs = readonly RecordedInput[];
const isTensor = (x: unknown): x is Tensor => typeof x === "object" && x !== null && "storage" in x;

/** The recorder, where the op, which may write `target`, has to be recorded. */
export function recorderFor(op: AnyOp, inputs: Inputs, target?: Tensor): Recorder | undefined {
  const { recorder, context } = runtime;
  if (recorder === undefined || !context.gradEnabled || context.inferenceMode) return undefined;
  if (target === undefined) return tracked(op, inputs) ? recorder : undefined;
  // A write that has no derivative still cuts the target's own.
  const counts = isFloat(target.dtype) && (tracksGrad(target) || tracked(op, inputs));
  return counts ? recorder : undefined;
}

function tracked(op: AnyOp, inputs: Inputs): boolean {
  if (op.gradient === "nonDifferentiable") return false;
  for (let i = 0; i < inputs.length; i++) {
    const input = inputs[i];
    if (typeof input !== "object") continue;
    if (Array.isArray(input) ? input.some(tracksGrad) : tracksGrad(input as Tensor)) return true;
  }
  return false;
}

/** The one device of the operands. A 0-d CPU tensor may meet any device. */
export function deviceOf(op: AnyOp, inputs: Inputs): Backend {
  const first = Array.isArray(inputs[0]) ? inputs[0][0] : inputs[0];
  const likely = isTensor(first) ? first.device : undefined;
  return likely !== undefined && areAllOn(likely, inputs) ? likely : resolveDevice(op, inputs);
}

function areAllOn(device: Backend, inputs: Inputs): boolean {
  for (let i = 0; i < inputs.length; i++) {
    const input = inputs[i];
    if (typeof input !== "object") continue;
    if (!(Array.isArray(input) ? areAllOn(device, input) : (input as Tensor).device === device))
      return false;
  }
  return true;
}

function resolveDevice(op: AnyOp, inputs: Inputs): Backend {
  let device: Backend | undefined;
  let scalarDevice: Backend | undefined;
  const see = (t: Tensor): void => {
    if (device === t.device) return;
    if (t.shape.length === 0 && op.elementwise && t.device.capabilities.syncRead)
      scalarDevice ??= t.device;
    else if (device === undefined) device = t.device;
    else throw mixedDevices(op, inputs, device, t.device);
  };
  for (let i = 0; i < inputs.length; i++) {
    const input = inputs[i];
    if (typeof input !== "object") continue;
    if (Array.isArray(input)) for (const t of input as Tensor[]) see(t);
    else see(input as Tensor);
  }
  const found = device ?? scalarDevice;
  if (found !== undefined) return found;
  throw new DeviceError("Cannot tell the device: expected at least one tensor operand", {
    op: op.name,
  });
}

function mixedDevices(op: AnyOp, inputs: Inputs, a: Backend, b: Backend): Error {
  return locate(
    new DeviceError(
      `Operands are on different devices: expected one device, received ${a.name} and ${b.name}`,
      { hint: "move one of them with .to(device)" },
    ),
    op,
    inputs,
  );
}

const specOfNumber = (value: number | boolean): OperandSpec => ({
  shape: [],
  dtype: dtypeOfNumber(value),
  weak: true,
});

/** The operands as shape rules see them: tensors are their own specs. */
export function specsOf(inputs: Inputs): readonly unknown[] {
  for (let i = 0; i < inputs.length; i++) {
    const kind = typeof inputs[i];
    if (kind === "number" || kind === "boolean")
      return inputs.map((x) =>
        typeof x === "number" || typeof x === "boolean" ? specOfNumber(x) : x,
      );
  }
  return inputs;
}

/** Adds the op and its operands to an error of ours. */
export function locate<E>(error: E, op: AnyOp, inputs: Inputs): E {
  if (isTeadError(error)) error.locate(op.name, describe(op, inputs));
  return error;
}

function describe(op: AnyOp, inputs: Inputs): ErrorOperand[] {
  return inputs.flatMap((input, i) => {
    const name = op.plan.names[i] as string;
    const tensors = (Array.isArray(input) ? input : [input]) as readonly RecordedInput[];
    return tensors.flatMap((t, j) => {
      if (!isTensor(t)) return [];
      const label = Array.isArray(input) ? `${name}[${j}]` : name;
      return [{ name: label, shape: t.shape, dtype: t.dtype, device: t.device.name }];
    });
  });
}

/** The dtype in which an elementwise kernel computes. */
function computeDType(op: AnyOp, inputs: Inputs, output: DType): DType {
  if (isFloat(output)) return output;
  const specs = specsOf(inputs).filter(
    (spec, i) => spec !== undefined && !op.unpromoted.includes(op.inputs[i] as string),
  );
  return resultType(specs as readonly OperandSpec[]);
}

/** The views that the kernel reads; elementwise operands come broadcast and in one dtype. */
export function kernelViews(
  op: AnyOp,
  inputs: Inputs,
  output: Tensor | undefined,
  device: Backend,
): readonly unknown[] {
  if (!op.elementwise || output === undefined) return inputs;
  const compute = computeDType(op, inputs, output.dtype);
  let ready = true;
  for (let i = 0; i < inputs.length; i++) {
    const x = inputs[i] as Tensor | number;
    if (typeof x !== "object" || x.dtype !== compute || !sameShape(x.shape, output.shape)) {
      ready = false;
      break;
    }
  }
  if (ready) return inputs;
  return inputs.map((x, i) => {
    const dtype = op.unpromoted.includes(op.inputs[i] as string) ? undefined : compute;
    return elementwiseView(x, dtype, output, device);
  });
}

function elementwiseView(
  x: RecordedInput,
  dtype: DType | undefined,
  output: Tensor,
  device: Backend,
): View | undefined {
  if (x === undefined) return undefined;
  if (!isTensor(x)) return scalarView(Number(x), dtype ?? dtypeOfNumber(x as number));
  if (x.device !== device) return scalarView(Number(x.itemSync()), dtype ?? x.dtype);
  const cast = dtype === undefined || x.dtype === dtype ? x : withoutGrad(() => x.to(dtype));
  if (sameShape(cast.shape, output.shape)) return cast;
  return {
    buffer: cast.buffer,
    dtype: cast.dtype,
    shape: output.shape,
    strides: broadcastStrides(cast, output.shape),
    offset: cast.offset,
  };
}

/** Runs a part of an op that must not be recorded on its own. @internal */
export function withoutGrad<R>(fn: () => R): R {
  const { context } = runtime;
  if (!context.gradEnabled) return fn();
  runtime.context = { ...context, gradEnabled: false };
  try {
    return fn();
  } finally {
    runtime.context = context;
  }
}

/** A number as a kernel reads it: rounded to the dtype of the computation, as a 0-d tensor is. */
const scalarView = (value: number, dtype: DType): View => ({
  buffer: undefined,
  dtype,
  shape: [],
  strides: [],
  offset: 0,
  scalar: isFloat(dtype) && dtype !== "float64" ? rounderOf(dtype as FloatDType)(value) : value,
});

const failures: Readonly<Record<FailureCode, string>> = {
  indexOutOfRange: "Index is out of range: expected an index within the dim's size",
  classOutOfRange: "Class target is out of range: expected a class from 0 to C - 1",
  integerOverflow: "Integer overflows: expected a result that fits the dtype",
  divisionByZero: "Integer is divided by 0: expected a divisor other than 0",
};

/** What a kernel is given. */
export class Call {
  readonly inputs: readonly unknown[];
  readonly outputs: readonly View[];
  readonly attrs: unknown;
  readonly #op: AnyOp;

  constructor(op: AnyOp, inputs: readonly unknown[], outputs: readonly View[], attrs: unknown) {
    this.#op = op;
    this.inputs = inputs;
    this.outputs = outputs;
    this.attrs = attrs;
  }

  fail(code: FailureCode, position: number): never {
    const message = `${failures[code]}; the offending value stands at flat position ${position}`;
    const arithmetic = code === "integerOverflow" || code === "divisionByZero";
    const error = arithmetic ? new StateError(message) : new ShapeError(message);
    throw locate(error, this.#op, this.inputs.filter(isTensor));
  }
}
