// How a dynamic op runs: its operands are read, it computes on the host, its outputs go back to
// the device. Nothing is recorded: what is differentiable gathers by the indices that it gives.
import { runtime, withContext } from "./context.ts";
import { isHalf } from "./dtype.ts";
import { isTeadError } from "./errors.ts";
import { encodeHalf } from "./half.ts";
import { uploaded } from "./methods/convert.ts";
import type { DynamicOp, HostTensor, InputSpecs, Names } from "./op.ts";
import type { Tensor } from "./tensor.ts";

type Inputs<I extends Names> = { readonly [K in keyof I]: Tensor };
/** A tensor for each output. */
type Outputs<O extends Names> = { readonly [K in keyof O]: Tensor };

/** Runs a dynamic op where reading takes time. What follows sees the modes of the call. */
export async function dispatchDynamic<I extends Names, A, O extends Names>(
  op: DynamicOp<string, I, A, O>,
  inputs: Inputs<I>,
  attrs: A,
): Promise<Outputs<O>> {
  check(op, inputs, attrs);
  const tensors = inputs as readonly Tensor[];
  const data = await Promise.all(tensors.map((t) => t.data()));
  return compute(
    op,
    tensors,
    tensors.map(({ shape, dtype }, i) => ({ shape, dtype, data: data[i] as HostTensor["data"] })),
    attrs,
  );
}

/** Runs a dynamic op at once, where the device can be read at once. */
export function dispatchDynamicSync<I extends Names, A, O extends Names>(
  op: DynamicOp<string, I, A, O>,
  inputs: Inputs<I>,
  attrs: A,
): Outputs<O> {
  check(op, inputs, attrs);
  const tensors = inputs as readonly Tensor[];
  const host = tensors.map((t) => ({ shape: t.shape, dtype: t.dtype, data: t.dataSync() }));
  return compute(op, tensors, host, attrs);
}

function check<I extends Names, A, O extends Names>(
  op: DynamicOp<string, I, A, O>,
  inputs: Inputs<I>,
  attrs: A,
): void {
  const tensors = inputs as readonly Tensor[];
  try {
    op.check(tensors as InputSpecs<I>, attrs);
  } catch (error) {
    const operands = tensors.map(({ shape, dtype, device }, i) => {
      return { name: op.inputs[i] as string, shape, dtype, device: device.name };
    });
    if (isTeadError(error)) error.locate(op.name, operands);
    throw error;
  }
}

function compute<I extends Names, A, O extends Names>(
  op: DynamicOp<string, I, A, O>,
  tensors: readonly Tensor[],
  host: readonly HostTensor[],
  attrs: A,
): Outputs<O> {
  const { device } = tensors[0] as Tensor;
  const outputs = op.compute(host as never, attrs) as readonly HostTensor[];
  return outputs.map(({ data, shape, dtype }) => {
    const stored = isHalf(dtype) ? encodeHalf(data as Float32Array, dtype) : data;
    return uploaded(device, dtype, shape, stored);
  }) as Outputs<O>;
}

/**
 * Runs what follows an await as if it stood before: with the grad mode of the call, and its scope if
 * that is still open.
 */
export function continuation(): <R>(fn: () => R) => R {
  const { context } = runtime;
  return (fn) => {
    const scope = runtime.context.scope === context.scope ? context.scope : undefined;
    return withContext({ ...context, scope }, fn);
  };
}
