// Replays one case and throws where its values, gradients or state differ from PyTorch's.
import * as nn from "@tead/nn";
import { isFloat, manualSeed, Tensor, tensor } from "@tead/tensor";
import { constructorArguments, functionArguments } from "./bind.ts";
import { camelCase } from "./camel-case.ts";
import { type Case, decode } from "./manifest.ts";

type Tensors = (name: string) => Tensor;
type AnyFunction = (...args: readonly unknown[]) => unknown;
type AnyClass = new (...args: readonly unknown[]) => nn.AnyModule;

const exported = new Map<string, unknown>(Object.entries(nn));
const functions = new Map<string, unknown>(Object.entries(nn.functional));
const classNamed = (c: Case): AnyClass | undefined => exported.get(c.class ?? "") as AnyClass;
const functionNamed = (c: Case): AnyFunction | undefined =>
  functions.get(camelCase(c.function ?? "")) as AnyFunction;

/** Whether what the case is about exists here. */
export const exists = (c: Case): boolean =>
  (c.kind === "module" ? classNamed(c) : functionNamed(c)) !== undefined;

/** A tensor, or several, or several by name: in order. */
function flattened(result: unknown): Tensor[] {
  if (result instanceof Tensor) return [result];
  if (typeof result !== "object" || result === null) return [];
  return Object.values(result).flatMap(flattened);
}

/** Runs the case and compares everything that the manifest holds. */
export function replay(c: Case, tensors: Tensors): void {
  const read = (value: unknown): unknown => decode(value, tensors);
  manualSeed(1);
  const module = c.kind === "module" ? moduleOf(c, tensors) : undefined;
  const given = c.inputs.map(read);
  const leaves = flattened(given)
    .filter((x) => isFloat(x.dtype))
    .slice(0, c.gradInputs.length);
  for (const leaf of leaves) leaf.requiresGrad_();
  const inputs = c.nonLeaf === true ? given.map((x) => (x as Tensor).add(0)) : given;
  manualSeed(1);
  const outputs = flattened(
    module === undefined ? callFunction(c, inputs, tensors) : callModule(module, inputs),
  );
  compareAll("output", outputs, c.outputs.map(read), 1e-10);
  backward(outputs);
  compareAll(
    "gradient of input",
    leaves.map((leaf) => leaf.grad),
    c.gradInputs.map(read),
    1e-8,
  );
  if (module !== undefined) compareModule(module, c, read);
}

function moduleOf(c: Case, tensors: Tensors): nn.AnyModule {
  const read = (value: unknown): unknown => decode(value, tensors);
  const Class = classNamed(c) as AnyClass;
  const module = new Class(...constructorArguments(c, read)).to("float64").train(c.training);
  const state = Object.entries(c.state).map(([key, value]) => [key, read(value) as Tensor]);
  module.loadStateDict(Object.fromEntries(state));
  return module;
}

const callModule = (module: nn.AnyModule, inputs: readonly unknown[]): unknown =>
  (module.forward as AnyFunction).call(module, ...inputs);

/** A functional case: where it has positional arguments, the first ones are the inputs. */
function callFunction(c: Case, inputs: readonly unknown[], tensors: Tensors): unknown {
  const f = functionNamed(c) as AnyFunction;
  const read = (value: unknown): unknown => decode(value, tensors);
  const others = (c.positional ?? []).slice(inputs.length).map(read);
  const options = functionArguments(camelCase(c.function as string), c.args, read);
  return f(...inputs, ...others, ...options);
}

/** The gradient of sum(output * sin(arange + 1)) over all floating-point outputs. */
function backward(outputs: readonly Tensor[]): void {
  for (const output of outputs) {
    if (!isFloat(output.dtype) || !output.requiresGrad) continue;
    const wave = Float64Array.from({ length: output.numel() }, (_, i) => Math.sin(i + 1));
    output.backward({ gradient: tensor(wave, { shape: output.shape }), retainGraph: true });
  }
}

function compareModule(module: nn.AnyModule, c: Case, read: (value: unknown) => unknown): void {
  const grads = new Map(module.namedParameters().map(([key, p]) => [key, p.grad]));
  for (const [key, wanted] of Object.entries(c.gradParams))
    compare(`gradient of ${key}`, grads.get(key), read(wanted), 1e-8);
  const after = module.stateDict();
  for (const [key, wanted] of Object.entries(c.stateAfter))
    compare(`${key} afterwards`, after[key], read(wanted), 1e-10);
}

function compareAll(
  what: string,
  actual: readonly (Tensor | undefined)[],
  wanted: readonly unknown[],
  tolerance: number,
): void {
  if (actual.length !== wanted.length)
    throw new Error(`${what}: expected ${wanted.length}, received ${actual.length}`);
  wanted.forEach((each, i) => {
    compare(`${what} ${i}`, actual[i], each, tolerance);
  });
}

/**
 * Within `tolerance` of the largest element; NaN with NaN, infinities exactly. No gradient may also
 * be one of 0.
 */
function compare(
  what: string,
  actual: Tensor | undefined,
  wanted: unknown,
  tolerance: number,
): void {
  const a = actual === undefined ? [] : Array.from(actual.dataSync(), Number);
  if (!(wanted instanceof Tensor)) {
    if (a.some((x) => x !== 0)) throw new Error(`${what}: expected none, received one`);
    return;
  }
  const w = Array.from(wanted.dataSync(), Number);
  if (actual === undefined) {
    if (w.some((x) => x !== 0)) throw new Error(`${what}: expected one, received none`);
    return;
  }
  if (actual.shape.join() !== wanted.shape.join())
    throw new Error(`${what}: expected shape [${wanted.shape}], received [${actual.shape}]`);
  const integers = wanted.dtype === "int64" && actual.dtype === "int32";
  if (actual.dtype !== wanted.dtype && !integers)
    throw new Error(`${what}: expected ${wanted.dtype}, received ${actual.dtype}`);
  const finite = w.filter(Number.isFinite);
  const scale = finite.reduce((most, x) => Math.max(most, Math.abs(x)), 0) || 1;
  w.forEach((x, i) => {
    const y = a[i] as number;
    const agrees =
      x === y || (Number.isNaN(x) && Number.isNaN(y)) || Math.abs(x - y) <= tolerance * scale;
    if (!agrees) throw new Error(`${what}, element ${i}: expected ${x}, received ${y}`);
  });
}
