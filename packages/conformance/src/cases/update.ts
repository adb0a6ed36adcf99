// The optimizers' updates, in place.
import type { FixtureRow } from "../fixture.ts";
import { update } from "../fixtures/update.ts";
import { type Cases, family, grid } from "./family.ts";

const [p, g, m] = [grid([131], 1), grid([131], 2), grid([131], 3)];
const positive = { ...g, data: g.data.map((x) => Math.abs(Number(x)) + 0.25) };
/** The attributes of a row of PyTorch's. */
const attrsOf = (rows: readonly FixtureRow[] | undefined, i: number) => rows?.[i]?.attrs ?? {};

export const updateCases: Cases = family("update", update, {
  sgdUpdate: {
    large: [1, 4].map((i) => ({
      kind: "float",
      inputs: [p, g, m],
      attrs: attrsOf(update.sgdUpdate, i),
    })),
  },
  adamUpdate: {
    large: [
      {
        kind: "float",
        inputs: [p, g, m, positive, undefined],
        attrs: attrsOf(update.adamUpdate, 0),
      },
      {
        kind: "float",
        inputs: [p, g, m, positive, positive],
        attrs: attrsOf(update.adamUpdate, 1),
      },
    ],
  },
});
