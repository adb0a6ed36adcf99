// The only way an op runs: infer, allocate, kernel or decomposition, record.
import type { Backend, View } from "./backend.ts";
import { runtime } from "./context.ts";
import { decomposeOp } from "./decompose.ts";
import type { DType } from "./dtype.ts";
import { bumpMutated, checkMutated, checkTarget } from "./in-place.ts";
import type { AnyOp, Names, Op, OpInputs, TensorSpec } from "./op.ts";
import { Call, deviceOf, kernelViews, locate, recorderFor, specsOf } from "./operands.ts";
import { type RecordedInput, ViewLink } from "./recorder.ts";
import { type Geometry, numelOf, sharedStrides } from "./shape.ts";
import { Storage } from "./storage.ts";
import type { Tensor } from "./tensor.ts";

type Inputs = readonly RecordedInput[];
/** A tensor for an op with one output, else a tuple of them. */
export type Outputs<O extends Names> = O extends readonly [string]
  ? Tensor
  : { readonly [K in keyof O]: Tensor };

type Construct = new (storage: Storage, geometry: Geometry, dtype: DType) => Tensor;
let construct: Construct;
/** tensor.ts hands over its class, so that ops need it as a type only. @internal */
export function setTensorClass(tensorClass: Construct): void {
  construct = tensorClass;
}

/** A tensor over a storage that exists. @internal */
export function tensorOver(storage: Storage, geometry: Geometry): Tensor {
  return new construct(storage, geometry, storage.dtype);
}

/** A contiguous tensor with no values yet. @internal */
export function allocate(device: Backend, { shape, dtype }: TensorSpec): Tensor {
  const storage = new Storage(device, dtype, numelOf(shape));
  return new construct(storage, { shape, strides: sharedStrides(shape), offset: 0 }, dtype);
}

/** Runs an op. `device` is for ops without tensor operands. */
export function dispatch<I extends Names, A, O extends Names>(
  op: Op<string, I, A, O>,
  inputs: OpInputs<I>,
  attrs: A,
  device?: Backend,
): Outputs<O> {
  const outputs = run(op as AnyOp, inputs as Inputs, attrs, device);
  return (outputs.length === 1 ? outputs[0] : outputs) as Outputs<O>;
}

/** Runs an op and writes its result into `target`: what every in-place method does. */
export function dispatchInto<I extends Names, A>(
  op: Op<string, I, A, readonly ["output"]>,
  inputs: OpInputs<I>,
  attrs: A,
  target: Tensor,
): Tensor {
  return runInto(op as AnyOp, inputs as Inputs, attrs, target);
}

function run(op: AnyOp, inputs: Inputs, attrs: unknown, given?: Backend): readonly Tensor[] {
  const { profiler } = runtime;
  if (profiler === undefined) return runOp(op, inputs, attrs, given);
  return profiler.op(op, inputs, () => runOp(op, inputs, attrs, given));
}

function runOp(op: AnyOp, inputs: Inputs, attrs: unknown, given?: Backend): readonly Tensor[] {
  const recorder = recorderFor(op, inputs);
  if (op.kind === "view") {
    const output = runView(op, inputs[0] as Tensor, attrs);
    recorder?.record(op, inputs, [output], attrs);
    return [output];
  }
  if (op.mutates.length > 0) checkMutated(op, inputs);
  const device = given ?? deviceOf(op, inputs);
  const specs = infer(op, inputs, attrs);
  const kernel = kernelOf(op, device);
  let outputs: readonly Tensor[];
  const through = recorder !== undefined && op.gradient === "throughDecomposition";
  if (kernel === undefined || through) {
    outputs = decomposeOp(op, inputs, attrs, specs, device);
    if (through) return outputs;
  } else {
    outputs = allocateAll(op, inputs, specs, device);
    execute(op, kernel, inputs, outputs, attrs, device);
  }
  if (op.mutates.length > 0) bumpMutated(op, inputs);
  recorder?.record(op, inputs, outputs, attrs);
  return outputs;
}

function runInto(op: AnyOp, inputs: Inputs, attrs: unknown, target: Tensor): Tensor {
  const { profiler } = runtime;
  if (profiler === undefined) return writeInto(op, inputs, attrs, target);
  const [written] = profiler.op(op, inputs, () => [writeInto(op, inputs, attrs, target)], target);
  return written as Tensor;
}

function writeInto(op: AnyOp, inputs: Inputs, attrs: unknown, target: Tensor): Tensor {
  const recorder = recorderFor(op, inputs, target);
  recorder?.checkInPlace(op, target);
  const spec = infer(op, inputs, attrs)[0] as TensorSpec;
  checkTarget(op, inputs, spec, target);
  const { device } = target;
  const kernel = kernelOf(op, device);
  if (spec.dtype !== target.dtype || kernel === undefined)
    return target.copy_(run(op, inputs, attrs, device)[0] as Tensor);
  deviceOf(op, [...inputs, target]);
  const pending = recorder?.beforeInPlace(op, inputs, attrs, target);
  execute(op, kernel, inputs, [target], attrs, device);
  target.storage.version++;
  pending?.finish();
  return target;
}

function infer(op: AnyOp, inputs: Inputs, attrs: unknown): readonly TensorSpec[] {
  try {
    return op.infer(specsOf(inputs) as never, attrs);
  } catch (error) {
    throw locate(error, op, inputs);
  }
}

/** The outputs, with no values yet; a device without room for them says for which op. */
function allocateAll(
  op: AnyOp,
  inputs: Inputs,
  specs: readonly TensorSpec[],
  device: Backend,
): readonly Tensor[] {
  try {
    if (specs.length === 1) return [allocate(device, specs[0] as TensorSpec)];
    const outputs = new Array<Tensor>(specs.length);
    for (let i = 0; i < specs.length; i++) outputs[i] = allocate(device, specs[i] as TensorSpec);
    return outputs;
  } catch (error) {
    throw locate(error, op, inputs);
  }
}

type AnyKernel = (call: Call) => void;

function kernelOf({ name }: AnyOp, { kernels }: Backend): AnyKernel | undefined {
  return kernels[name as keyof typeof kernels] as AnyKernel | undefined;
}

function execute(
  op: AnyOp,
  kernel: AnyKernel,
  inputs: Inputs,
  outputs: readonly Tensor[],
  attrs: unknown,
  device: Backend,
): void {
  const views = kernelViews(op, inputs, outputs[0], device);
  try {
    kernel(new Call(op, views, outputs as readonly View[], attrs));
  } catch (error) {
    throw locate(error, op, inputs);
  }
}

function runView(op: AnyOp, input: Tensor, attrs: unknown): Tensor {
  try {
    const output = tensorOver(
      input.storage,
      (op.view as NonNullable<Op["view"]>)(input, attrs as never),
    );
    output.viewOf = new ViewLink(input, op, attrs, runtime.context);
    return output;
  } catch (error) {
    throw locate(error, op, [input]);
  }
}
