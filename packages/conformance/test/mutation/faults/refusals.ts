// Bad values that are not reported, or not well; and the kernel of an op that looks alike.
import type { Fault, Kernel } from "../fault.ts";

/** What becomes of a report. */
export const refusalFaults: readonly Fault[] = [
  { name: "bad values pass in silence", refuse: () => () => {} },
  {
    name: "bad values named one place on",
    refuse: (fail) => (code, position) => fail(code, position + 1),
  },
  {
    name: "bad values reported under another code",
    refuse: (fail) => (code, position) =>
      fail(code === "integerOverflow" ? "divisionByZero" : "integerOverflow", position),
  },
  {
    name: "only the first value is looked at",
    refuse: (fail) => (code, position) => {
      if (position === 0) fail(code, position);
    },
  },
  {
    name: "the first value is not looked at",
    refuse: (fail) => (code, position) => {
      if (position > 0) fail(code, position);
    },
  },
];

/** Ops that are easily taken for each other. */
const lookalikes: readonly (readonly string[])[] = [
  ["lt", "le"],
  ["gt", "ge"],
  ["lt", "gt"],
  ["eq", "ne"],
  ["maximum", "minimum"],
  ["amax", "amin"],
  ["argmax", "argmin"],
  ["sum", "prod"],
  ["cumsum", "cumprod"],
  ["scatter", "scatterAdd"],
  ["floor", "trunc"],
  ["ceil", "round"],
  ["floor", "round"],
  ["logicalAnd", "logicalOr"],
  ["logicalOr", "logicalXor"],
  ["bitwiseAnd", "bitwiseOr"],
  ["bitwiseOr", "bitwiseXor"],
  ["remainder", "fmod"],
  ["div", "floorDivide"],
  ["add", "sub"],
  ["mul", "div"],
  ["exp", "expm1"],
  ["exp", "exp2"],
  ["log", "log1p"],
  ["log2", "log10"],
  ["sin", "cos"],
  ["tanh", "sigmoid"],
  ["sqrt", "rsqrt"],
  ["neg", "abs"],
  ["softmax", "logSoftmax"],
  ["erf", "erfc"],
  ["var", "std"],
];

/** The faults of mistaken identity of an op. */
export function lookalikeFaults(
  name: string,
  kernels: Readonly<Record<string, Kernel | undefined>>,
): Fault[] {
  return lookalikes
    .filter((pair) => pair.includes(name))
    .flatMap(([a, b]) => {
      const other = (a === name ? b : a) as string;
      const instead = kernels[other];
      return instead === undefined ? [] : [{ name: `${other} in its place`, instead }];
    });
}
