// What the tape remembers of a tensor that it must not keep alive: its geometry, dtype and device.
import {
  type Backend,
  type DType,
  full,
  type Geometry,
  type RecordedInput,
  type Shape,
  type Tensor,
} from "@tead/tensor";
import { Meta } from "./meta.ts";

/** A tensor without its values. */
export class Spec implements Geometry {
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly offset: number;
  readonly dtype: DType;
  readonly device: Backend;

  constructor(tensor: Tensor) {
    this.shape = tensor.shape;
    this.strides = tensor.strides;
    this.offset = tensor.offset;
    this.dtype = tensor.dtype;
    this.device = tensor.device;
  }
}

interface WeakSpec {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly weak: true;
}

const weakSpec = (dtype: DType): WeakSpec => ({ shape: [], dtype, weak: true });
const weakBool = weakSpec("bool");
const weakInteger = weakSpec("int32");
const weakFloat = weakSpec("float32");

/** The spec of an operand: what a gradient sees under `inputs`. */
export type InputSpec = Spec | WeakSpec | undefined | readonly Spec[];

export function inputSpec(input: RecordedInput): InputSpec {
  if (input === undefined) return undefined;
  if (typeof input === "number") return Number.isInteger(input) ? weakInteger : weakFloat;
  if (typeof input === "boolean") return weakBool;
  return Array.isArray(input) ? (input as readonly Tensor[]).map(specOf) : specOf(input as Tensor);
}

/** A tensor's spec: the one that its record has of it, where that still holds. */
export function specOf(tensor: Tensor): Spec {
  const { autograd } = tensor;
  if (!(autograd instanceof Meta)) return new Spec(tensor);
  const { spec } = autograd;
  if (spec !== undefined && describes(spec, tensor)) return spec;
  autograd.spec = new Spec(tensor);
  return autograd.spec;
}

function describes(spec: Spec, tensor: Tensor): boolean {
  return (
    spec.shape === tensor.shape &&
    spec.strides === tensor.strides &&
    spec.offset === tensor.offset &&
    spec.dtype === tensor.dtype &&
    spec.device === tensor.device
  );
}

/** Zeros in a tensor's place. */
export function zerosOf({ shape, dtype, device }: Spec): Tensor {
  return full(shape, 0, { dtype, device });
}
