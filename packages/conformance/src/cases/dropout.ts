// What dropout does with its mask.
import { dropout } from "../fixtures/dropout.ts";
import { type Cases, family, grid } from "./family.ts";

const bools = (shape: readonly number[], seed: number) => {
  const data = grid(shape, seed).data.map((x) => Number(Number(x) < 1));
  return { shape, data, dtype: "bool" as const };
};
const attrs = { scale: 1.5 };
const large = [
  { kind: "float" as const, inputs: [bools([83, 61], 1), grid([83, 61], 2)], attrs },
  { kind: "float" as const, inputs: [bools([83, 1], 3), grid([83, 61], 4)], attrs },
];
const wrongMask = {
  name: "a mask of numbers",
  dtype: "float32",
  inputs: [grid([3], 1), grid([3], 2)],
  attrs,
  message: /Mask is not bool: expected bool, received float32/,
} as const;

export const dropoutCases: Cases = family("dropout", dropout, {
  maskedScale: { large, errors: [wrongMask] },
});
