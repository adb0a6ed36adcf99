// Puts a family's rows and what it says of its ops together.
import { type AnyOp, ops } from "@tead/tensor";
import type { OpCase, OpTraits } from "../case.ts";
import type { FixtureRow, Fixtures, FixtureTensor } from "../fixture.ts";

export type Cases = readonly OpCase[];

/** Every op of the table, by name. */
export const opTable: ReadonlyMap<string, AnyOp> = new Map(
  (Object.values(ops) as unknown[])
    .filter((value): value is AnyOp => isOp(value))
    .map((op) => [op.name, op]),
);

function isOp(value: unknown): value is AnyOp {
  return typeof value === "object" && value !== null && "kind" in value && "infer" in value;
}

/** The cases of a family; rows of ops that this version of the library lacks are left out. */
export function family(
  name: string,
  fixtures: Fixtures,
  traits: Readonly<Record<string, OpTraits>> = {},
): Cases {
  return Object.entries(fixtures).flatMap(([opName, rows]) => {
    const op = opTable.get(opName);
    return op === undefined ? [] : [{ op, family: name, rows, ...traits[opName] }];
  });
}

/** Multiples of 1/16 in [-2, 2), the same every time. */
export function grid(shape: readonly number[], seed: number): FixtureTensor {
  const count = shape.reduce((product, size) => product * size, 1);
  let state = seed * 2654435761 + 1;
  const data = Array.from({ length: count }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return ((state >>> 16) % 64) / 16 - 2;
  });
  return { shape, data };
}

/** Indices below `size`, all of them, in no order. */
export function indices(shape: readonly number[], size: number): FixtureTensor {
  const count = shape.reduce((product, each) => product * each, 1);
  const data = Array.from({ length: count }, (_, i) => (i * 7 + (i >> 2)) % size);
  return { shape, data, dtype: "index" };
}

/** The size of the dim that `attrs.dim` names, of the first operand. */
export function sizeAlongDim({ inputs, attrs }: FixtureRow): number {
  const { shape } = inputs[0] as FixtureTensor;
  return shape[attrs?.dim as number] ?? 1;
}
