// The optimizers' updates, in place.
import type { FixtureRow } from "../fixture.ts";
import { update } from "../fixtures/update.ts";
import { type Cases, family, grid } from "./family.ts";

const [p, g, m] = [grid([131], 1), grid([131], 2), grid([131], 3)];
const positive = { ...g, data: g.data.map((x) => Math.abs(Number(x)) + 0.25) };
/** Averages whose squares are below the averages of squares. */
const small = { ...m, data: m.data.map((x) => Number(x) / 8) };
/** The attributes of a row of PyTorch's. */
const attrsOf = (rows: readonly FixtureRow[] | undefined, i: number) => rows?.[i]?.attrs ?? {};

export const updateCases: Cases = family("update", update, {
  sgdUpdate: {
    large: [1, 4].map((i) => ({
      kind: "float",
      inputs: [[p], [g], [m]],
      attrs: attrsOf(update.sgdUpdate, i),
    })),
  },
  adamUpdate: {
    large: [
      {
        kind: "float",
        inputs: [[p], [g], [m], [positive], []],
        attrs: attrsOf(update.adamUpdate, 0),
      },
      {
        kind: "float",
        inputs: [[p], [g], [m], [positive], [positive]],
        attrs: attrsOf(update.adamUpdate, 1),
      },
    ],
  },
  rmspropUpdate: {
    large: [0, 1].map((i) => ({
      kind: "float",
      inputs: [[p], [g], [positive], ...(i === 0 ? [[], []] : [[small], [m]])],
      attrs: attrsOf(update.rmspropUpdate, i),
    })),
  },
  adagradUpdate: {
    large: [
      { kind: "float", inputs: [[p], [g], [positive]], attrs: attrsOf(update.adagradUpdate, 1) },
    ],
  },
  momentUpdate: {
    large: [0, 1].map((i) => ({
      kind: "float",
      inputs: [[p], [g], [m], [positive]],
      attrs: attrsOf(update.momentUpdate, i),
    })),
  },
});
