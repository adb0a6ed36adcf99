// Recurrent layers over a whole sequence, one op a layer and direction: the input's share of the
// gates comes in for all steps at once, the state runs from step to step.
import { ShapeError } from "../errors.ts";
import { defineFusable, type Fusable, type OperandSpec, type TensorSpec } from "../op.ts";
import { formatShape, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { stack } from "./join.ts";
import {
  fitted,
  joined,
  rowsOf,
  type SequenceAttrs,
  StateGradient,
  statesBefore,
  stepsOf,
} from "./rnn-steps.ts";
import { requireFloat, requireSameDType } from "./rules.ts";

export type { SequenceAttrs } from "./rnn-steps.ts";

/** What a simple recurrent layer takes. */
export interface RnnAttrs extends SequenceAttrs {
  readonly nonlinearity: "tanh" | "relu";
}

function requireShape(what: string, { shape }: OperandSpec, expected: readonly number[]): void {
  if (!sameShape(shape, expected))
    throw new ShapeError(
      `${what} does not fit: expected ${formatShape(expected)}, received ${formatShape(shape)}`,
    );
}

/** Checks gates [rows, k * hidden] and a state [batch, size] against the steps. */
function checkSequence(
  all: readonly (OperandSpec | undefined)[],
  { batchSizes }: SequenceAttrs,
  gateCount: number,
  hiddenSize: number,
): number {
  const [gates, state] = all as readonly [OperandSpec, OperandSpec];
  requireFloat(gates, "Gates");
  requireSameDType(all);
  const rows = batchSizes.reduce((sum, size) => sum + size, 0);
  const shrinking = batchSizes.every((size, i) => i === 0 || size <= (batchSizes[i - 1] as number));
  if (batchSizes.length === 0 || !shrinking)
    throw new ShapeError(
      `Batch sizes are out of order: expected at least one, each no more than the one before, ` +
        `received ${formatShape(batchSizes)}`,
    );
  requireShape("Gates", gates, [rows, gateCount * hiddenSize]);
  if (state.shape.length !== 2 || state.shape[0] !== batchSizes[0])
    throw new ShapeError(
      `State does not fit: expected [${batchSizes[0]}, size], received ${formatShape(state.shape)}`,
    );
  return rows;
}

/** The gates' weight [k * hidden, size] has one row a gate's element. */
const hiddenOf = ({ shape }: OperandSpec, gateCount: number): number =>
  Math.floor((shape[0] ?? 0) / gateCount);

type RnnInputs = readonly ["gates", "state", "weight"];

/**
 * h_t = f(gates_t + h_(t-1) W^T), f being tanh or relu.
 * With dz = (g + what later steps pass) f'(z): dL/dgates = dz, dL/dW = dz^T h_before, and dz W
 * passes to the step before.
 */
export const rnnSequenceOp: Fusable<"rnnSequence", RnnInputs, RnnAttrs> = defineFusable(
  "rnnSequence",
  {
    inputs: ["gates", "state", "weight"],
    saves: ["state", "weight", "output"],
    infer: ([gates, state, weight], attrs): [TensorSpec] => {
      const hidden = hiddenOf(weight, 1);
      checkSequence([gates, state, weight], attrs, 1, hidden);
      requireShape("Weight", weight, [hidden, hidden]);
      requireShape("State", state, [state.shape[0] as number, hidden]);
      return [{ shape: gates.shape, dtype: gates.dtype }];
    },
    gradient: ({ grads: [g], attrs, needs, state, weight, output }) => {
      const slope =
        attrs.nonlinearity === "tanh" ? output.mul(output).rsub(1) : output.gt(0).to(output.dtype);
      const passed = new StateGradient();
      const pieces = stepsOf(attrs)
        .toReversed()
        .map((step) => {
          const dh = plus(rowsOf(g, step), passed.take(step.size));
          const dz = dh.mul(rowsOf(slope, step));
          passed.set(dz.matmul(weight));
          return dz;
        });
      const dz = joined(pieces.reverse(), attrs);
      return [
        dz,
        needs[1] ? passed.initial() : undefined,
        needs[2] ? dz.t().matmul(statesBefore(output, state, attrs)) : undefined,
      ];
    },
    decompose: ([gates, initial, weight], attrs) => {
      let h = initial;
      const outputs = stepsOf(attrs).map((step) => {
        const z = rowsOf(gates, step).add(fitted(h, step.size, initial).matmul(weight.t()));
        h = attrs.nonlinearity === "tanh" ? z.tanh() : z.relu();
        return h;
      });
      return [joined(outputs, attrs)];
    },
  },
);

const plus = (a: Tensor, b: Tensor | undefined): Tensor => (b === undefined ? a : a.add(b));

type LstmInputs = readonly ["gates", "state", "cell", "weight", "projection?"];
type LstmOutputs = readonly ["output", "cells"];

/** The activations of all rows: input, forget, cell and output gate, each [rows, hidden]. */
function lstmGates(z: Tensor): readonly [i: Tensor, f: Tensor, g: Tensor, o: Tensor] {
  const [i, f, g, o] = z.chunk(4, 1) as [Tensor, Tensor, Tensor, Tensor];
  return [i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()];
}

/**
 * [i, f, g, o] = gates_t + h_(t-1) W^T; c_t = sigmoid(f) c_(t-1) + sigmoid(i) tanh(g);
 * h_t = sigmoid(o) tanh(c_t), or its product with P^T where there is a projection P.
 */
export const lstmSequenceOp: Fusable<"lstmSequence", LstmInputs, SequenceAttrs, LstmOutputs> =
  defineFusable("lstmSequence", {
    inputs: ["gates", "state", "cell", "weight", "projection?"],
    outputs: ["output", "cells"],
    saves: ["gates", "state", "cell", "weight", "projection", "output", "cells"],
    infer: ([gates, state, cell, weight, projection], attrs): [TensorSpec, TensorSpec] => {
      const hidden = hiddenOf(weight, 4);
      const all = [gates, state, cell, weight, projection];
      const rows = checkSequence(all, attrs, 4, hidden);
      const size = projection?.shape[0] ?? hidden;
      const batch = state.shape[0] as number;
      requireShape("Weight", weight, [4 * hidden, size]);
      requireShape("State", state, [batch, size]);
      requireShape("Cell", cell, [batch, hidden]);
      if (projection !== undefined) requireShape("Projection", projection, [size, hidden]);
      const { dtype } = gates;
      return [
        { shape: [rows, size], dtype },
        { shape: [rows, hidden], dtype },
      ];
    },
    // With m = o tanh(c): dm is dh, or dh P; dc = dm o (1 - tanh(c)^2) + what comes for c itself.
    gradient: (context) => {
      const { grads, attrs, needs, gates, state, cell, weight, projection } = context;
      const { output, cells } = context;
      const [gradOutput = output.zerosLike(), gradCells] = grads;
      const hBefore = statesBefore(output, state, attrs);
      const cBefore = statesBefore(cells, cell, attrs);
      const [i, f, g, o] = lstmGates(gates.add(hBefore.matmul(weight.t())));
      const tc = cells.tanh();
      // dc or dm times these give the gates' gradients. [rows, 4, hidden]
      const factors = stack(
        [
          g.mul(sigmoidSlope(i)),
          cBefore.mul(sigmoidSlope(f)),
          i.mul(g.mul(g).rsub(1)),
          tc.mul(sigmoidSlope(o)),
        ],
        1,
      );
      const toCell = o.mul(tc.mul(tc).rsub(1));
      const [passedH, passedC] = [new StateGradient(), new StateGradient()];
      const [dhs, dzs]: [Tensor[], Tensor[]] = [[], []];
      for (const step of stepsOf(attrs).toReversed()) {
        const dh = plus(rowsOf(gradOutput, step), passedH.take(step.size));
        const dm = projection === undefined ? dh : dh.matmul(projection);
        let dc = plus(dm.mul(rowsOf(toCell, step)), passedC.take(step.size));
        if (gradCells !== undefined) dc = dc.add(rowsOf(gradCells, step));
        const dz = stack([dc, dc, dc, dm], 1).mul(rowsOf(factors, step)).flatten(1);
        passedC.set(dc.mul(rowsOf(f, step)));
        passedH.set(dz.matmul(weight));
        dhs.unshift(dh);
        dzs.unshift(dz);
      }
      const dz = joined(dzs, attrs);
      return [
        dz,
        needs[1] ? passedH.initial() : undefined,
        needs[2] ? passedC.initial() : undefined,
        needs[3] ? dz.t().matmul(hBefore) : undefined,
        needs[4] ? joined(dhs, attrs).t().matmul(o.mul(tc)) : undefined,
      ];
    },
    decompose: ([gates, state, cell, weight, projection], attrs) => {
      let [h, c] = [state, cell];
      const hs: Tensor[] = [];
      const cs = stepsOf(attrs).map((step) => {
        const before = fitted(h, step.size, state);
        const [i, f, g, o] = lstmGates(rowsOf(gates, step).add(before.matmul(weight.t())));
        c = f.mul(fitted(c, step.size, cell)).add(i.mul(g));
        h = o.mul(c.tanh());
        if (projection !== undefined) h = h.matmul(projection.t());
        hs.push(h);
        return c;
      });
      return [joined(hs, attrs), joined(cs, attrs)];
    },
  });

/** d sigmoid in terms of its value. */
const sigmoidSlope = (y: Tensor): Tensor => y.mul(y.rsub(1));

type GruInputs = readonly ["gates", "state", "weight", "bias?"];

/** The gates of some rows, and what the state gave to the new state's gate. */
function gruGates(gates: Tensor, h: Tensor, weight: Tensor, bias: Tensor | undefined) {
  const product = plus(h.matmul(weight.t()), bias);
  const [xr, xz, xn] = gates.chunk(3, 1) as [Tensor, Tensor, Tensor];
  const [hr, hz, hn] = product.chunk(3, 1) as [Tensor, Tensor, Tensor];
  const [r, z] = [xr.add(hr).sigmoid(), xz.add(hz).sigmoid()];
  return { r, z, n: xn.add(r.mul(hn)).tanh(), hn };
}

/**
 * [xr, xz, xn] = gates_t; [hr, hz, hn] = h_(t-1) W^T + b; r = sigmoid(xr + hr);
 * z = sigmoid(xz + hz); n = tanh(xn + r hn); h_t = n + z (h_(t-1) - n).
 */
export const gruSequenceOp: Fusable<"gruSequence", GruInputs, SequenceAttrs> = defineFusable(
  "gruSequence",
  {
    inputs: ["gates", "state", "weight", "bias?"],
    saves: ["gates", "state", "weight", "bias", "output"],
    infer: ([gates, state, weight, bias], attrs): [TensorSpec] => {
      const hidden = hiddenOf(weight, 3);
      const rows = checkSequence([gates, state, weight, bias], attrs, 3, hidden);
      requireShape("Weight", weight, [3 * hidden, hidden]);
      requireShape("State", state, [state.shape[0] as number, hidden]);
      if (bias !== undefined) requireShape("Bias", bias, [3 * hidden]);
      return [{ shape: [rows, hidden], dtype: gates.dtype }];
    },
    // dh times one factor a gate gives the gradients of the gates' two shares; dh z stays with h.
    gradient: ({ grads: [g], attrs, needs, gates, state, weight, bias, output }) => {
      const before = statesBefore(output, state, attrs);
      const { r, z, n, hn } = gruGates(gates, before, weight, bias);
      const toN = z.rsub(1).mul(n.mul(n).rsub(1));
      const toR = toN.mul(hn).mul(sigmoidSlope(r));
      const toZ = before.sub(n).mul(sigmoidSlope(z));
      const factors = stack([toR, toZ, toN.mul(r)], 1); // [rows, 3, hidden]
      const passed = new StateGradient();
      const pieces = stepsOf(attrs)
        .toReversed()
        .map((step) => {
          const dh = plus(rowsOf(g, step), passed.take(step.size));
          const dz = dh.unsqueeze(1).mul(rowsOf(factors, step)).flatten(1);
          passed.set(dh.mul(rowsOf(z, step)).add(dz.matmul(weight)));
          return dh;
        });
      const dh = joined(pieces.reverse(), attrs).unsqueeze(1);
      const own = dh.mul(factors).flatten(1);
      return [
        needs[0] ? dh.mul(stack([toR, toZ, toN], 1)).flatten(1) : undefined,
        needs[1] ? passed.initial() : undefined,
        needs[2] ? own.t().matmul(before) : undefined,
        needs[3] ? own.sum(0) : undefined,
      ];
    },
    decompose: ([gates, initial, weight, bias], attrs) => {
      let h = initial;
      const outputs = stepsOf(attrs).map((step) => {
        const before = fitted(h, step.size, initial);
        const { z, n } = gruGates(rowsOf(gates, step), before, weight, bias);
        h = n.add(z.mul(before.sub(n)));
        return h;
      });
      return [joined(outputs, attrs)];
    },
  },
);
