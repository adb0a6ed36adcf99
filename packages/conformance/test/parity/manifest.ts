// The manifest of PyTorch's op table, and its values as ours.
import type { Tensor } from "@tead/tensor";

/** One case: `op(input, *args, **kwargs)` gave `outputs`, and `grads` for its floating-point leaves. */
export interface OpCase {
  readonly name: string;
  readonly op: string;
  readonly input: unknown;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  readonly outputs: readonly unknown[];
  readonly grads?: readonly unknown[];
}

export interface Manifest {
  readonly torch: string;
  readonly cases: readonly OpCase[];
}

const dtypeNames: Readonly<Record<string, string>> = {
  half: "float16",
  double: "float64",
  long: "int64",
};

/** A value of the manifest as ours: tensors, infinities, tuples, dtypes; `undefined` for None. */
export function decode(value: unknown, load: (name: string) => Tensor): unknown {
  const each = (x: unknown): unknown => decode(x, load);
  if (value === null) return undefined;
  if (Array.isArray(value)) return value.map(each);
  if (typeof value !== "object") return value;
  const tagged = value as Readonly<Record<string, unknown>>;
  if ("$t" in tagged) return load(tagged.$t as string);
  if ("$f" in tagged) return Number((tagged.$f as string).replace("inf", "Infinity"));
  if ("$tuple" in tagged) return (tagged.$tuple as unknown[]).map(each);
  if ("$dtype" in tagged) {
    const name = tagged.$dtype as string;
    return dtypeNames[name] ?? name;
  }
  if ("$slice" in tagged) return { slice: (tagged.$slice as unknown[]).map(each) };
  if ("$ellipsis" in tagged) return "...";
  // One device: the default.
  if ("$device" in tagged) return undefined;
  return Object.fromEntries(Object.entries(tagged).map(([key, inner]) => [key, each(inner)]));
}
