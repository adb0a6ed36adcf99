// The manifests of PyTorch's module and criterion tables, and their values as ours.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadSafetensors } from "@tead/checkpoint";
import * as nn from "@tead/nn";
import { type DType, type Tensor, tensor } from "@tead/tensor";
import { constructorArguments } from "./bind.ts";
import { camelCase } from "./camel-case.ts";

/** One case: a module with its constructor's arguments, or a function of torch.nn.functional. */
export interface Case {
  readonly name: string;
  readonly kind: "module" | "functional";
  readonly class?: string;
  readonly function?: string;
  /** The names of the constructor's arguments without a default, in order. */
  readonly required?: readonly string[];
  readonly args: Readonly<Record<string, unknown>>;
  readonly positional?: readonly unknown[] | null;
  readonly state: Readonly<Record<string, unknown>>;
  readonly training: boolean;
  readonly inputs: readonly unknown[];
  /** Whether the module gets results of an op: it writes over them. */
  readonly nonLeaf?: boolean;
  readonly outputs: readonly unknown[];
  readonly gradInputs: readonly unknown[];
  readonly gradParams: Readonly<Record<string, unknown>>;
  readonly stateAfter: Readonly<Record<string, unknown>>;
}

/** The cases of a set and the reader of their tensors; `undefined` where the set is not at hand. */
export interface Cases {
  readonly cases: readonly Case[];
  readonly tensors: (name: string) => Tensor;
}

export function readCases(folder: string | undefined, set: string): Cases | undefined {
  const path = join(folder ?? "", `${set}.json`);
  if (folder === undefined || !existsSync(path)) return undefined;
  const { cases } = JSON.parse(readFileSync(path, "utf8")) as { cases: readonly Case[] };
  const all = loadSafetensors(readFileSync(path.replace(/json$/, "safetensors")));
  return {
    cases,
    // A copy: a case may write over its inputs.
    tensors: (name) => {
      const found = all[name];
      if (found === undefined) throw new Error(`${path}: no tensor ${name}`);
      return found.clone();
    },
  };
}

/** A tensor with its values in the manifest itself. */
interface InlineTensor {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly values: readonly (number | "-inf")[];
}
const inlineTensor = ({ shape, dtype, values }: InlineTensor): Tensor =>
  tensor(
    values.map((value) => (value === "-inf" ? Number.NEGATIVE_INFINITY : value)),
    { dtype, shape },
  );

/** Packed sequences. */
interface InlinePacked {
  readonly data: unknown;
  readonly batchSizes: readonly number[];
  readonly sortedIndices: readonly number[] | null;
}

const dtypes: Readonly<Record<string, string>> = {
  double: "float64",
  float: "float32",
  half: "float16",
  long: "int64",
  int: "int32",
};

/** A value of the manifest as ours; None is `undefined`. */
export function decode(value: unknown, tensors: (name: string) => Tensor): unknown {
  if (value === null) return undefined;
  if (Array.isArray(value)) return value.map((x) => decode(x, tensors));
  if (typeof value !== "object") return value;
  const [[tag, inner] = []] = Object.entries(value as Readonly<Record<string, unknown>>);
  if (tag === "$t") return tensors(inner as string);
  if (tag === "$v") return inlineTensor(inner as InlineTensor);
  if (tag === "$f") return Number((inner as string).replace("inf", "Infinity"));
  if (tag === "$tuple") return (inner as unknown[]).map((x) => decode(x, tensors));
  if (tag === "$dtype") return dtypes[inner as string] ?? inner;
  if (tag === "$packed") {
    const { data, batchSizes, sortedIndices } = inner as InlinePacked;
    const rows = decode(data, tensors) as Tensor;
    return new nn.utils.rnn.PackedSequence(rows, batchSizes, sortedIndices ?? undefined);
  }
  if (tag === "$options") {
    const options = Object.entries(inner as Readonly<Record<string, unknown>>);
    return Object.fromEntries(options.map(([k, v]) => [camelCase(k), decode(v, tensors)]));
  }
  if (tag === "$module") {
    const c = inner as Case;
    const Class = new Map<string, unknown>(Object.entries(nn)).get(c.class as string);
    const args = constructorArguments(c, (each) => decode(each, tensors));
    return new (Class as new (...args: readonly unknown[]) => nn.AnyModule)(...args);
  }
  throw new Error(`Cannot read ${JSON.stringify(value)}`);
}
