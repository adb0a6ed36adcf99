// Replays one case of PyTorch's op table and says how it went.
import "@tead/autograd";
import * as nn from "@tead/nn";
import * as tensors from "@tead/tensor";
import { isFloat, manualSeed, Tensor } from "@tead/tensor";
import { argumentsFor, camelCase, hasSignature, seededOps } from "./bind.ts";
import { absent, damaged, differences } from "./differences.ts";
import { decode, type OpCase } from "./manifest.ts";

export interface Outcome {
  readonly status: "passed" | "failed" | "missing" | "damaged";
  readonly message?: string;
}

type Call = (values: readonly unknown[], kwargs: Readonly<Record<string, unknown>>) => unknown;
type AnyFunction = (...args: never[]) => unknown;

const namespaces = /^(nn\.functional|linalg|special|fft|masked|sparse|ops\.nvprims)\./;

/** The function of ours that an OpInfo name means, or `undefined`. */
export function resolve(op: string): Call | undefined {
  const own = differences[op];
  if (own !== undefined) return own.call;
  if (op in absent) return undefined;
  const namespace = namespaces.exec(op)?.[1];
  const bare = namespace === undefined ? op : op.slice(namespace.length + 1);
  const name = camelCase(bare.split(".")[0] as string);
  if (namespace === undefined || namespace === "special" || namespace === "nn.functional") {
    // nn.functional.unfold is not torch.unfold: a name that both have is no method's.
    const functionOnly = namespace === "nn.functional" && hasSignature(bare);
    const places = functionOnly ? [functionNamed] : [methodNamed, functionNamed];
    for (const place of places) {
      const found = place(op, name, namespace);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  const home = (tensors as Readonly<Record<string, unknown>>)[namespace];
  const f = (home as Readonly<Record<string, unknown>> | undefined)?.[name];
  return typeof f === "function" ? callOf(op, name, f as AnyFunction) : undefined;
}

function callOf(op: string, name: string, f: AnyFunction): Call {
  const target = { kind: "function", name } as const;
  return (values, kwargs) => f(...(argumentsFor(op, target, values, kwargs) as never[]));
}

function functionNamed(op: string, name: string, namespace: string | undefined): Call | undefined {
  const functional = (nn as Readonly<Record<string, unknown>>).functional as
    | Readonly<Record<string, unknown>>
    | undefined;
  const home = namespace === "nn.functional" ? functional : undefined;
  const f = home?.[name] ?? (tensors as Readonly<Record<string, unknown>>)[name];
  const isClass = typeof f === "function" && /^class\b/.test(f.toString());
  return typeof f === "function" && !isClass ? callOf(op, name, f as AnyFunction) : undefined;
}

function methodNamed(op: string, name: string): Call | undefined {
  for (
    let proto: object | null = Tensor.prototype;
    proto !== null;
    proto = Object.getPrototypeOf(proto)
  ) {
    if (proto === Object.prototype) return undefined;
    const member = Object.getOwnPropertyDescriptor(proto, name);
    if (member?.get !== undefined)
      return ([self]) => (self as Readonly<Record<string, unknown>>)[name];
    if (typeof member?.value === "function") {
      const f = member.value as AnyFunction;
      return (values, kwargs) => {
        if (!(values[0] instanceof Tensor)) throw new Error("the input is not a tensor");
        return f.apply(
          values[0],
          argumentsFor(op, { kind: "method", name }, values, kwargs) as never[],
        );
      };
    }
  }
  return undefined;
}

/** Replays a case: the forward values, then the gradients of every floating-point leaf. */
export async function replay(c: OpCase, load: (name: string) => Tensor): Promise<Outcome> {
  const call = resolve(c.op);
  if (call === undefined) return { status: "missing" };
  const reason = damaged[c.name];
  if (reason !== undefined) return { status: "damaged", message: reason };
  try {
    const values = [c.input, ...c.args].map((x) => decode(x, load));
    const kwargs = decode(c.kwargs, load) as Readonly<Record<string, unknown>>;
    const leaves = leavesOf([...values, ...Object.values(kwargs)]);
    if (c.grads !== undefined) for (const leaf of leaves) leaf.requiresGrad_();
    manualSeed(
      seededOps.has(c.op.replace(/\.(number_mean|with_train|without_train)$/, "")) ? 42 : 7,
    );
    const result = await call(values, kwargs);
    const outputs = flattened(result);
    await compareOutputs(c, outputs, load);
    if (c.grads !== undefined) await compareGradients(c.grads, leaves, outputs, load);
    return { status: "passed" };
  } catch (error) {
    return { status: "failed", message: error instanceof Error ? error.message : String(error) };
  }
}

function leavesOf(values: readonly unknown[]): Tensor[] {
  return values.flatMap((value) => {
    if (value instanceof Tensor) return isFloat(value.dtype) ? [value] : [];
    return Array.isArray(value) ? leavesOf(value) : [];
  });
}

function flattened(result: unknown): unknown[] {
  if (Array.isArray(result)) return result.flatMap(flattened);
  if (result instanceof Tensor || typeof result !== "object" || result === null) return [result];
  return Object.values(result).flatMap(flattened);
}

/** What PyTorch leaves unspecified: only shape and dtype are compared. */
const unspecified = /^(new_)?empty|^resize|empty_like/;

async function compareOutputs(
  c: OpCase,
  outputs: readonly unknown[],
  load: (name: string) => Tensor,
): Promise<void> {
  const expected = [c.outputs].flat().map((x) => decode(x, load));
  if (outputs.length !== expected.length)
    throw new Error(`expected ${expected.length} outputs, received ${outputs.length}`);
  for (const [i, wanted] of expected.entries()) {
    const actual = outputs[i];
    if (!(wanted instanceof Tensor)) {
      const plain = actual instanceof Tensor ? await actual.item() : actual;
      if (plain !== wanted) throw new Error(`output ${i}: expected ${wanted}, received ${plain}`);
      continue;
    }
    if (!(actual instanceof Tensor))
      throw new Error(`output ${i}: expected a tensor, received ${actual}`);
    checkDType(`output ${i}`, actual, wanted);
    await close(`output ${i}`, actual, wanted, 1e-10, !unspecified.test(c.op));
  }
}

/** Float dtypes are the same; where PyTorch has int64, int32 will do. */
function checkDType(what: string, actual: Tensor, wanted: Tensor): void {
  const same =
    actual.dtype === wanted.dtype || (wanted.dtype === "int64" && actual.dtype === "int32");
  if (!same) throw new Error(`${what}: expected ${wanted.dtype}, received ${actual.dtype}`);
}

async function compareGradients(
  grads: readonly unknown[],
  leaves: readonly Tensor[],
  outputs: readonly unknown[],
  load: (name: string) => Tensor,
): Promise<void> {
  let any = false;
  for (const output of outputs) {
    if (!(output instanceof Tensor) || !isFloat(output.dtype)) continue;
    if (!output.requiresGrad) continue;
    any = true;
    const seed = Float64Array.from({ length: output.numel() }, (_, i) => Math.sin(i + 1));
    const gradient = tensors.tensor(seed, { shape: output.shape, dtype: output.dtype });
    output.backward({ gradient, retainGraph: true });
  }
  const wanted = grads.map((each) => decode(each, load) as Tensor | undefined);
  // PyTorch's sample may leave some tensors unmarked; the gradients then belong to some of the
  // leaves, in order.
  let failure: unknown;
  for (const chosen of subsequences(leaves, wanted.length)) {
    try {
      for (const [i, each] of wanted.entries())
        await compareGradient(`gradient ${i}`, chosen[i]?.grad, each, any);
      return;
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure ?? new Error(`expected ${wanted.length} leaves, received ${leaves.length}`);
}

function* subsequences<T>(list: readonly T[], length: number): Generator<readonly T[]> {
  if (length === 0) yield [];
  else
    for (let i = 0; i + length <= list.length; i++)
      for (const rest of subsequences(list.slice(i + 1), length - 1)) yield [list[i] as T, ...rest];
}

async function compareGradient(
  what: string,
  actual: Tensor | undefined,
  wanted: Tensor | undefined,
  any: boolean,
): Promise<void> {
  if (wanted === undefined) {
    if (actual !== undefined && !(await isZero(actual)))
      throw new Error(`${what}: expected none, received one`);
    return;
  }
  if (actual !== undefined) await close(what, actual, wanted, 1e-8, true);
  else if (!(await isZero(wanted)))
    throw new Error(
      `${what}: expected one, received none${any ? "" : " (no output requires grad)"}`,
    );
}

async function isZero(t: Tensor): Promise<boolean> {
  return (await t.data()).every((x) => Number(x) === 0);
}

/** Within `tolerance` of the largest element, NaN with NaN, infinities exactly. */
async function close(
  what: string,
  actual: Tensor,
  wanted: Tensor,
  tolerance: number,
  values: boolean,
): Promise<void> {
  if (actual.shape.join() !== wanted.shape.join())
    throw new Error(`${what}: expected shape [${wanted.shape}], received [${actual.shape}]`);
  if (!values) return;
  const a = Array.from(await actual.data(), Number);
  const w = Array.from(await wanted.data(), Number);
  const finite = w.filter(Number.isFinite).map(Math.abs);
  const scale = finite.reduce((largest, x) => Math.max(largest, x), 0) || 1;
  const limit = wanted.dtype === "float32" ? 1e-5 : tolerance;
  for (const [i, x] of w.entries()) {
    const y = a[i] as number;
    const agrees =
      x === y || (Number.isNaN(x) && Number.isNaN(y)) || Math.abs(x - y) <= limit * scale;
    if (!agrees) throw new Error(`${what}, element ${i}: expected ${x}, received ${y}`);
  }
}
