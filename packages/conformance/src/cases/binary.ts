// Elementwise arithmetic of two operands, where and clamp.

import type { DType } from "@tead/tensor";
import type { ErrorCase } from "../case.ts";
import { binary } from "../fixtures/binary.ts";
import { type Cases, family } from "./family.ts";

const top = 2147483647;

/** The result of one pair is refused, at either end of others that are fine. */
function refused(
  name: string,
  dtype: DType,
  message: RegExp,
  bad: readonly [number, number],
): ErrorCase[] {
  return [0, 8].map((position) => {
    const column = (operand: 0 | 1) => ({
      shape: [9],
      data: Array.from({ length: 9 }, (_, i) => (i === position ? bad[operand] : 1)),
    });
    return { name, dtype, inputs: [column(0), column(1)], attrs: {}, message, position };
  });
}

const overflow = (...bad: [number, number]): ErrorCase[] =>
  refused("a result beyond int32", "int32", /Integer overflows/, bad);
const byZero = (["int32", "int64", "uint8"] as const).flatMap((dtype) =>
  refused("an integer divided by 0", dtype, /Integer is divided by 0/, [5, 0]),
);

export const binaryCases: Cases = family("binary", binary, {
  add: { errors: [...overflow(top, 1), ...overflow(-top, -2)] },
  sub: { errors: [...overflow(-top, 2), ...overflow(top, -1)] },
  mul: { errors: [...overflow(65536, 32768), ...overflow(-65536, 32769)] },
  floorDivide: { errors: byZero },
  remainder: { errors: byZero },
  fmod: { errors: byZero },
});
