// Where our API differs from PyTorch's by design, each with its reason. Everything else follows the
// one rule of bind.ts.
import * as nn from "@tead/nn";
import type { Tensor } from "@tead/tensor";
import * as tensors from "@tead/tensor";
import { argumentsFor, camelCase } from "./bind.ts";

/** Variants of an op that exist under the op's name only, and are not here yet. */
export const absent: Readonly<Record<string, string>> = {
  "norm.nuc": "the nuclear norm needs singular values",
};

/** Cases whose recorded numbers are not what PyTorch computes. */
export const damaged: Readonly<Record<string, string>> = {
  "corrcoef#1": "the recorded gradient of x / x is rounding noise (1e-17) about 0",
  "sgn#0": "the recorded gradient is uninitialized memory (denormals); PyTorch's is 0",
};

/** A call with its operands: the input, then the arguments. */
type Call = (values: readonly unknown[], kwargs: Readonly<Record<string, unknown>>) => unknown;
interface Difference {
  readonly reason: string;
  readonly call: Call;
}

type AnyFunction = (...args: never[]) => unknown;

const functions: Readonly<Record<string, unknown>> = tensors;

const camelCased = (kwargs: Readonly<Record<string, unknown>>): Record<string, never> =>
  Object.fromEntries(
    Object.entries(kwargs).map(([name, value]) => [camelCase(name), value as never]),
  );

const eachOf = (
  names: readonly string[],
  of: (name: string) => Difference,
): Record<string, Difference> => Object.fromEntries(names.map((name) => [name, of(name)]));

/** PyTorch gives as many outputs as flags ask for. */
const unique = (
  call: (self: Tensor, options: { dim?: number }) => Promise<tensors.Unique>,
): Difference => ({
  reason: "a result's type does not hang on flags: values, inverse and counts always come",
  call: async ([self], { dim, return_inverse, return_counts }) => {
    const options = dim === undefined ? {} : { dim: dim as number };
    const { values, inverse, counts } = await call(self as Tensor, options);
    return [values, ...(return_inverse ? [inverse] : []), ...(return_counts ? [counts] : [])];
  },
});

/** Python's reflected operators: `a op b` where b is the tensor. */
const reflected = (call: (self: Tensor, other: Tensor | number) => Tensor): Difference => ({
  reason: "JavaScript has no operator methods; the method is written on the tensor",
  call: ([self, other]) => call(self as Tensor, other as Tensor | number),
});

const cast = (dtype: tensors.DType): Difference => ({
  reason: "names of C types are no methods; to(dtype) says what it does",
  call: ([self]) => (self as Tensor).to(dtype),
});

type Index =
  | number
  | null
  | string
  | readonly number[]
  | { readonly slice: readonly (number | undefined)[] };

/** The index expressions of the table as `at()` takes them. */
function ourIndex(index: Index): unknown {
  if (typeof index !== "object" || index === null || Array.isArray(index)) return index;
  const [start, end, step] = (index as { slice: readonly (number | undefined)[] }).slice;
  return tensors.slice(start, end, step);
}

export const differences: Readonly<Record<string, Difference>> = {
  __radd__: reflected((self, other) => self.add(other)),
  __rmul__: reflected((self, other) => self.mul(other)),
  __rsub__: reflected((self, other) => self.rsub(other)),
  __rdiv__: reflected((self, other) => self.rdiv(other)),
  __rpow__: {
    reason: "PyTorch copies the base into a new tensor, so that no gradient reaches it",
    call: ([self, base]) =>
      (self as Tensor).rpow(
        typeof base === "object" ? (base as Tensor).detach() : (base as number),
      ),
  },
  __rand__: reflected((self, other) => self.bitwiseAnd(other)),
  __ror__: reflected((self, other) => self.bitwiseOr(other)),
  __rxor__: reflected((self, other) => self.bitwiseXor(other)),
  __rmatmul__: reflected((self, other) => (other as Tensor).matmul(self)),
  __rmod__: reflected((self, other) =>
    tensors.dispatch(tensors.ops.remainderOp, [other, self], {}),
  ),
  char: cast("int8"),
  short: cast("int16"),
  int: cast("int32"),
  long: cast("int64"),
  float: cast("float32"),
  where: {
    reason: "the condition is the receiver: condition.where(a, b)",
    call: ([self, condition, other]) =>
      (condition as Tensor).where(self as Tensor, other as Tensor),
  },
  uniform: {
    reason: "PyTorch's table clones before the in-place method",
    call: ([self, from, to]) => (self as Tensor).clone().uniform_(from as number, to as number),
  },
  fill: {
    reason: "PyTorch's table fills a clone",
    call: ([self], { value }) => (self as Tensor).clone().fill_(value as number),
  },
  zero_: {
    reason: "the table's input is a leaf; it writes into a clone",
    call: ([self]) => (self as Tensor).clone().zero_(),
  },
  arange: {
    reason: "step is optional in PyTorch's sense, so it stands in the options",
    call: ([start, end, step = 1], { dtype }) =>
      tensors.arange(start as number, end as number, {
        step: step as number,
        dtype: dtype as tensors.DType,
      }),
  },
  "max.binary": {
    reason: "max() of a tensor takes a dim; of two tensors it is the function",
    call: ([self, other]) => tensors.max(self as Tensor, other as Tensor),
  },
  "min.binary": {
    reason: "min() of a tensor takes a dim; of two tensors it is the function",
    call: ([self, other]) => tensors.min(self as Tensor, other as Tensor),
  },
  einsum: {
    reason: "PyTorch's table puts the operands before the equation",
    call: ([operands, equation]) =>
      tensors.einsum(equation as string, ...(operands as readonly Tensor[])),
  },
  "nn.functional.embedding": {
    reason: "PyTorch's table puts the weight before the indices",
    call: ([weight, index], kwargs) =>
      tensors.embedding(index as Tensor, weight as Tensor, camelCased(kwargs)),
  },
  "nn.functional._scaled_dot_product_attention": {
    reason: "1.13's private function gave the weights too; the public one of PyTorch 2 does not",
    call: ([query, key, value], { is_causal, dropout_p }) => {
      const [q, k, v] = [query, key, value] as [Tensor, Tensor, Tensor];
      const options = { isCausal: is_causal as boolean, dropoutP: dropout_p as number };
      const output = nn.functional.scaledDotProductAttention(q, k, v, options);
      const scores = q.mul(1 / Math.sqrt(q.size(-1))).matmul(k.transpose(-2, -1));
      return [output, scores.softmax(-1)];
    },
  },
  "nn.functional.embedding_bag": {
    reason: "PyTorch's table puts the weight before the indices, and None for what is left out",
    call: ([weight, index], kwargs) => {
      const given = Object.entries(kwargs).filter(([, value]) => value !== null);
      const options = camelCased(Object.fromEntries(given));
      return nn.functional.embeddingBag(index as Tensor, weight as Tensor, options);
    },
  },
  ...eachOf(
    ["nearest", "linear", "bilinear", "bicubic", "trilinear", "area"].map(
      (mode) => `nn.functional.interpolate.${mode}`,
    ),
    () => ({
      reason: "size, factor and mode stand in the options",
      call: ([input, size, scaleFactor, mode, alignCorners]) => {
        const all = { size, scaleFactor, mode, alignCorners };
        const given = Object.entries(all).filter(([, value]) => value != null);
        return nn.functional.interpolate(input as Tensor, Object.fromEntries(given) as never);
      },
    }),
  ),
  narrow: {
    reason: "a start in a tensor has to be read",
    call: async ([self, dim, start, length]) =>
      (self as Tensor).narrow(
        dim as number,
        typeof start === "object" ? Number(await (start as Tensor).item()) : (start as number),
        length as number,
      ),
  },
  tensor_split: {
    reason: "sections in a tensor have to be read",
    call: async ([self, sections, dim = 0]) =>
      tensors.tensorSplit(
        self as Tensor,
        sections instanceof tensors.Tensor
          ? ((await sections.tolist()) as number | number[])
          : (sections as number | number[]),
        dim as number,
      ),
  },
  "normal.number_mean": {
    reason: "PyTorch's table puts the std before the mean",
    call: ([std, mean]) => tensors.normal(mean as number, std as Tensor),
  },
  "nn.functional.one_hot": {
    reason: "finding the number of classes would have to read the indices",
    call: async ([index], { num_classes: classes }) => {
      const given = Number(classes);
      const found = given >= 0 ? given : Number(await (index as Tensor).amax().item()) + 1;
      return tensors.oneHot(index as Tensor, found);
    },
  },
  unique: unique((self, options) => self.unique(options)),
  unique_consecutive: unique((self, options) => self.uniqueConsecutive(options)),
  rand_like: {
    reason: "PyTorch's table draws randn_like under this name",
    call: ([self], kwargs) => tensors.randnLike(self as Tensor, camelCased(kwargs)),
  },
  ...eachOf(["atleast_1d", "atleast_2d", "atleast_3d"], (name) => ({
    reason: "a list is mapped by whoever has one",
    call: ([self]) => {
      const f = functions[camelCase(name)] as (t: Tensor) => Tensor;
      return Array.isArray(self) ? self.map((t: Tensor) => f(t)) : f(self as Tensor);
    },
  })),
  ...eachOf(
    [
      "max_pool1d",
      "max_pool2d",
      "max_pool3d",
      "adaptive_max_pool1d",
      "adaptive_max_pool2d",
      "adaptive_max_pool3d",
    ].map((name) => `nn.functional.${name}`),
    (name) => ({
      reason: "a result's type does not hang on a flag: ...WithIndices is a function of its own",
      call: (values, kwargs) => {
        const { return_indices: flag, ...others } = kwargs;
        const adaptive = name.includes("adaptive");
        const indices = adaptive ? (values[2] ?? flag) : flag;
        const own = camelCase(name.slice("nn.functional.".length));
        const called = `${own}${indices ? "WithIndices" : ""}`;
        const f = functions[called] as AnyFunction;
        const target = { kind: "function", name: called } as const;
        return f(
          ...(argumentsFor(
            name,
            target,
            adaptive ? values.slice(0, 2) : values,
            others,
          ) as never[]),
        );
      },
    }),
  ),
  __getitem__: {
    reason: "JavaScript cannot overload brackets: at() takes the indices as arguments",
    // A list of numbers is one index; a list with anything else is read as a tuple, as in Python.
    call: ([self, index]) => {
      const list = index as readonly Index[];
      const one = list.every((each) => typeof each === "number");
      return (self as Tensor).at(...((one ? [list] : list.map(ourIndex)) as never[]));
    },
  },
};
