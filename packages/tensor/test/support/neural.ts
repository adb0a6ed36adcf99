// Reads the cases of tools/fixtures/tensor_neural.py: arguments for a function of ours, and what
// PyTorch gave.
import { readFileSync } from "node:fs";
import type { Backend, DType, Tensor } from "@tead/tensor";
import * as tead from "@tead/tensor";

type Word = number | "NaN" | "Infinity" | "-Infinity";
interface TensorText {
  readonly tensor: readonly [dtype: DType, shape: readonly number[], values: readonly Word[]];
  readonly grad: boolean;
}
type Text = TensorText | number | string | boolean | null | readonly (number | null)[];

export interface NeuralCase {
  readonly name: string;
  readonly function: string;
  readonly inputs: readonly Text[];
  readonly positional: readonly Text[];
  readonly options: Readonly<Record<string, Text>>;
  readonly outputs: readonly TensorText[];
  readonly grads: readonly (TensorText | null)[];
}

export function neuralCases(family: string): readonly NeuralCase[] {
  const url = new URL(`../fixtures/neural-${family}.json`, import.meta.url);
  return JSON.parse(readFileSync(url, "utf8")).cases;
}

const isTensor = (text: Text): text is TensorText =>
  typeof text === "object" && text !== null && "tensor" in text;

/** An argument; integers are int32 here wherever PyTorch has int64. */
export function argument(text: Text, device: Backend): unknown {
  if (!isTensor(text)) {
    if (Array.isArray(text)) return text.map((value) => value ?? undefined);
    return text ?? undefined;
  }
  const [given, shape, values] = text.tensor;
  const dtype = given === "int64" ? "int32" : given;
  const numbers = Float64Array.from(values, Number);
  return tead.tensor(numbers, { shape, dtype, device, requiresGrad: text.grad });
}

/** Normalizations take their statistics and affine parameters as options. */
const named: Readonly<Record<string, readonly (string | undefined)[]>> = {
  batchNorm: [undefined, undefined, undefined, "weight", "bias"],
  instanceNorm: [undefined, "runningMean", "runningVar", "weight", "bias"],
  layerNorm: [undefined, "weight", "bias"],
  groupNorm: [undefined, "weight", "bias"],
};

export interface Replayed {
  readonly outputs: readonly Tensor[];
  /** The inputs that PyTorch gave a gradient. */
  readonly leaves: readonly Tensor[];
}

/** Calls our function as the case says. */
export function call(c: NeuralCase, device: Backend): Replayed {
  const inputs = c.inputs.map((text) => argument(text, device));
  const options: Record<string, unknown> = {};
  for (const [key, text] of Object.entries(c.options)) options[key] = argument(text, device);
  const names = named[c.function] ?? [];
  const first = inputs.filter((_, i) => names[i] === undefined);
  inputs.forEach((input, i) => {
    if (names[i] !== undefined) options[names[i] as string] = input;
  });
  const positional = c.positional.map((text) => argument(text, device));
  const functions = tead as unknown as Record<string, (...args: unknown[]) => unknown>;
  const f = functions[c.function] as (...args: unknown[]) => unknown;
  const result = f(...first, ...positional, options);
  const outputs = result instanceof tead.Tensor ? [result] : Object.values(result as object);
  // Running statistics are results too: they are moved in place.
  const moved = c.outputs.length > 1 && c.function.endsWith("Norm") ? inputs.slice(1, 3) : [];
  const leaves = inputs.filter(
    (input, i): input is Tensor => (c.inputs[i] as Partial<TensorText> | null)?.grad === true,
  );
  return { outputs: [...outputs, ...(moved as Tensor[])], leaves };
}

/** The output gradients that every case has: sin(1), sin(2), ... */
export function seed(output: Tensor): Tensor {
  const values = Float64Array.from({ length: output.numel() }, (_, i) => Math.sin(i + 1));
  const { shape, dtype, device } = output;
  return tead.tensor(values, { shape, dtype, device });
}

/** The first difference beyond `tolerance`, in words; `undefined` where there is none. */
export function difference(
  received: Tensor | undefined,
  expected: TensorText | null,
  tolerance: number,
): string | undefined {
  if (expected === null) return undefined;
  const [dtype, shape, words] = expected.tensor;
  const values = words.map(Number);
  if (received === undefined)
    return values.every((value) => value === 0) ? undefined : "nothing received";
  if (received.shape.join() !== shape.join())
    return `expected shape [${shape}], received [${received.shape}]`;
  if (received.dtype !== (dtype === "int64" ? "int32" : dtype))
    return `expected ${dtype}, received ${received.dtype}`;
  const found = received.dataSync();
  const at = values.findIndex((value, i) => {
    const own = Number(found[i]);
    if (own === value || (Number.isNaN(own) && Number.isNaN(value))) return false;
    return !(Math.abs(own - value) <= tolerance * (1 + Math.abs(value)));
  });
  return at < 0 ? undefined : `element ${at}: expected ${values[at]}, received ${found[at]}`;
}
