// Elementwise ops of one operand: PyTorch's numbers say all.

import type { ErrorCase } from "../case.ts";
import { unary } from "../fixtures/unary.ts";
import { type Cases, family } from "./family.ts";

/** An int32 whose result is none, at either end of others that are fine. */
const overflow = (bad: number): ErrorCase[] =>
  [0, 8].map((position) => ({
    name: "a result beyond int32",
    dtype: "int32",
    inputs: [{ shape: [9], data: Array.from({ length: 9 }, (_, i) => (i === position ? bad : 1)) }],
    attrs: {},
    message: /Integer overflows/,
    position,
  }));

export const unaryCases: Cases = family("unary", unary, {
  neg: { errors: overflow(-2147483648) },
  abs: { errors: overflow(-2147483648) },
  square: { errors: overflow(65536) },
});
