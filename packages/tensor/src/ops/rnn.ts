// Recurrent layers over a whole sequence, one op a layer and direction: the input's share of the
// gates comes in for all steps at once, the state runs from step to step. Their gradients are ops
// too, so that a backend may fuse the walk back; the weights' follow as one product of all steps.
import { dispatch } from "../dispatch.ts";
import { ShapeError } from "../errors.ts";
import {
  defineFusable,
  type Fusable,
  type OperandSpec,
  type TensorSpec,
  throughDecomposition,
} from "../op.ts";
import { formatShape, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { cat } from "./join.ts";
import { gruGradient, lstmGradient, plus, rnnGradient } from "./rnn-gradients.ts";
import {
  fitted,
  joined,
  type RnnAttrs,
  rowsOf,
  type SequenceAttrs,
  statesBefore,
  stepsOf,
} from "./rnn-steps.ts";
import { requireFloat, requireSameDType } from "./rules.ts";

export type { RnnAttrs, SequenceAttrs } from "./rnn-steps.ts";

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

/** Checks what a gradient op takes: all of one float dtype, `[rows, columns]` by name. */
function checkGradient(
  all: readonly (OperandSpec | undefined)[],
  { batchSizes }: SequenceAttrs,
  columns: Readonly<Record<string, readonly [OperandSpec | undefined, number]>>,
): void {
  requireFloat(all[0] as OperandSpec, "Gradient");
  requireSameDType(all);
  const rows = batchSizes.reduce((sum, size) => sum + size, 0);
  for (const [name, [spec, count]] of Object.entries(columns))
    if (spec !== undefined) requireShape(name, spec, [rows, count]);
}

const spec = (like: OperandSpec, ...shape: readonly number[]): TensorSpec => ({
  shape,
  dtype: like.dtype,
});
const batchOf = ({ batchSizes }: SequenceAttrs): number => batchSizes[0] as number;

type RnnInputs = readonly ["gates", "state", "weight"];
type RnnGradInputs = readonly ["grad", "weight", "output"];
type StepGradients = readonly ["gradGates", "gradState"];

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
      const [dz, dState] = dispatch(rnnSequenceGradOp, [g, weight, output], attrs);
      return [dz, dState, needs[2] ? dz.t().matmul(statesBefore(output, state, attrs)) : undefined];
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

/** The gradients of `rnnSequence` for gates and initial state. */
export const rnnSequenceGradOp: Fusable<"rnnSequenceGrad", RnnGradInputs, RnnAttrs, StepGradients> =
  defineFusable("rnnSequenceGrad", {
    inputs: ["grad", "weight", "output"],
    outputs: ["gradGates", "gradState"],
    infer: ([grad, weight, output], attrs): [TensorSpec, TensorSpec] => {
      const hidden = hiddenOf(weight, 1);
      checkGradient([grad, weight, output], attrs, {
        Gradient: [grad, hidden],
        Output: [output, hidden],
      });
      return [spec(grad, ...grad.shape), spec(grad, batchOf(attrs), hidden)];
    },
    gradient: throughDecomposition,
    decompose: ([grad, weight, output], attrs) => rnnGradient(grad, weight, output, attrs),
  });

type LstmInputs = readonly ["gates", "state", "cell", "weight", "projection?"];
type LstmOutputs = readonly ["output", "cells", "activations"];
type LstmGradInputs = readonly ["grad", "gradCells?", "cell", "weight", "cells", "activations"];

/**
 * [i, f, g, o] = gates_t + h_(t-1) W^T; c_t = sigmoid(f) c_(t-1) + sigmoid(i) tanh(g);
 * h_t = sigmoid(o) tanh(c_t), or its product with P^T where there is a projection P.
 * Outputs: every h_t, every c_t, and the gates' values after sigmoid and tanh.
 */
export const lstmSequenceOp: Fusable<"lstmSequence", LstmInputs, SequenceAttrs, LstmOutputs> =
  defineFusable("lstmSequence", {
    inputs: ["gates", "state", "cell", "weight", "projection?"],
    outputs: ["output", "cells", "activations"],
    saves: ["state", "cell", "weight", "projection", "output", "cells", "activations"],
    infer: (
      [gates, state, cell, weight, projection],
      attrs,
    ): [TensorSpec, TensorSpec, TensorSpec] => {
      const hidden = hiddenOf(weight, 4);
      const all = [gates, state, cell, weight, projection];
      const rows = checkSequence(all, attrs, 4, hidden);
      const size = projection?.shape[0] ?? hidden;
      const batch = state.shape[0] as number;
      requireShape("Weight", weight, [4 * hidden, size]);
      requireShape("State", state, [batch, size]);
      requireShape("Cell", cell, [batch, hidden]);
      if (projection !== undefined) requireShape("Projection", projection, [size, hidden]);
      return [spec(gates, rows, size), spec(gates, rows, hidden), spec(gates, rows, 4 * hidden)];
    },
    gradient: (context) => {
      const { grads, attrs, needs, state, cell, weight, projection } = context;
      const { output, cells, activations } = context;
      const [grad = output.zerosLike(), gradCells, gradActivations] = grads;
      const saved = { cell, weight, projection, cells, activations };
      // With a projection, or where a gradient is itself differentiated, by the plain walk.
      const plain = projection !== undefined || gradActivations !== undefined;
      const [dz, dState, dCell, dProjection] = plain
        ? lstmGradient({ grad, gradCells, gradActivations }, saved, attrs)
        : dispatch(lstmSequenceGradOp, [grad, gradCells, cell, weight, cells, activations], attrs);
      return [
        dz,
        dState,
        dCell,
        needs[3] ? dz.t().matmul(statesBefore(output, state, attrs)) : undefined,
        dProjection,
      ];
    },
    decompose: ([gates, state, cell, weight, projection], attrs) => {
      let [h, c] = [state, cell];
      const [hs, activations]: [Tensor[], Tensor[]] = [[], []];
      const cs = stepsOf(attrs).map((step) => {
        const before = fitted(h, step.size, state);
        const z = rowsOf(gates, step).add(before.matmul(weight.t())).chunk(4, 1);
        const [zi, zf, zg, zo] = z as [Tensor, Tensor, Tensor, Tensor];
        const [i, f, g, o] = [zi.sigmoid(), zf.sigmoid(), zg.tanh(), zo.sigmoid()];
        c = f.mul(fitted(c, step.size, cell)).add(i.mul(g));
        h = o.mul(c.tanh());
        if (projection !== undefined) h = h.matmul(projection.t());
        hs.push(h);
        activations.push(cat([i, f, g, o], 1));
        return c;
      });
      return [joined(hs, attrs), joined(cs, attrs), joined(activations, attrs)];
    },
  });

/** The gradients of `lstmSequence` without a projection, for gates and initial states. */
export const lstmSequenceGradOp: Fusable<
  "lstmSequenceGrad",
  LstmGradInputs,
  SequenceAttrs,
  readonly ["gradGates", "gradState", "gradCell"]
> = defineFusable("lstmSequenceGrad", {
  inputs: ["grad", "gradCells?", "cell", "weight", "cells", "activations"],
  outputs: ["gradGates", "gradState", "gradCell"],
  infer: (all, attrs): [TensorSpec, TensorSpec, TensorSpec] => {
    const [grad, gradCells, cell, weight, cells, activations] = all;
    const hidden = hiddenOf(weight, 4);
    checkGradient(all, attrs, {
      Gradient: [grad, hidden],
      "Gradient of cells": [gradCells, hidden],
      "Cell state": [cells, hidden],
      Activation: [activations, 4 * hidden],
    });
    const state = spec(grad, batchOf(attrs), hidden);
    requireShape("Weight", weight, [4 * hidden, hidden]);
    requireShape("Cell", cell, state.shape);
    return [spec(grad, ...activations.shape), state, state];
  },
  gradient: throughDecomposition,
  decompose: ([grad, gradCells, cell, weight, cells, activations], attrs) => {
    const saved = { cell, weight, cells, activations };
    const [dz, dState, dCell] = lstmGradient({ grad, gradCells }, saved, attrs);
    return [dz, dState, dCell];
  },
});

type GruInputs = readonly ["gates", "state", "weight", "bias?"];
type GruGradInputs = readonly ["grad", "state", "weight", "output", "activations"];

/**
 * [xr, xz, xn] = gates_t; [hr, hz, hn] = h_(t-1) W^T + b; r = sigmoid(xr + hr);
 * z = sigmoid(xz + hz); n = tanh(xn + r hn); h_t = n + z (h_(t-1) - n).
 * Outputs: every h_t, and r, z, n and hn of every step.
 */
export const gruSequenceOp: Fusable<
  "gruSequence",
  GruInputs,
  SequenceAttrs,
  readonly ["output", "activations"]
> = defineFusable("gruSequence", {
  inputs: ["gates", "state", "weight", "bias?"],
  outputs: ["output", "activations"],
  saves: ["state", "weight", "output", "activations"],
  infer: ([gates, state, weight, bias], attrs): [TensorSpec, TensorSpec] => {
    const hidden = hiddenOf(weight, 3);
    const rows = checkSequence([gates, state, weight, bias], attrs, 3, hidden);
    requireShape("Weight", weight, [3 * hidden, hidden]);
    requireShape("State", state, [state.shape[0] as number, hidden]);
    if (bias !== undefined) requireShape("Bias", bias, [3 * hidden]);
    return [spec(gates, rows, hidden), spec(gates, rows, 4 * hidden)];
  },
  gradient: ({ grads, attrs, needs, state, weight, output, activations }) => {
    const [grad = output.zerosLike(), gradActivations] = grads;
    const [gates, products, dState] =
      gradActivations === undefined
        ? dispatch(gruSequenceGradOp, [grad, state, weight, output, activations], attrs)
        : gruGradient({ grad, gradActivations }, { state, weight, output, activations }, attrs);
    return [
      gates,
      dState,
      needs[2] ? products.t().matmul(statesBefore(output, state, attrs)) : undefined,
      needs[3] ? products.sum(0) : undefined,
    ];
  },
  decompose: ([gates, initial, weight, bias], attrs) => {
    let h = initial;
    const activations: Tensor[] = [];
    const outputs = stepsOf(attrs).map((step) => {
      const before = fitted(h, step.size, initial);
      const product = plus(before.matmul(weight.t()), bias);
      const [xr, xz, xn] = rowsOf(gates, step).chunk(3, 1) as [Tensor, Tensor, Tensor];
      const [hr, hz, hn] = product.chunk(3, 1) as [Tensor, Tensor, Tensor];
      const [r, z] = [xr.add(hr).sigmoid(), xz.add(hz).sigmoid()];
      const n = xn.add(r.mul(hn)).tanh();
      h = n.add(z.mul(before.sub(n)));
      activations.push(cat([r, z, n, hn], 1));
      return h;
    });
    return [joined(outputs, attrs), joined(activations, attrs)];
  },
});

/** The gradients of `gruSequence` for gates, for the products h W^T + b, and for the initial state. */
export const gruSequenceGradOp: Fusable<
  "gruSequenceGrad",
  GruGradInputs,
  SequenceAttrs,
  readonly ["gradGates", "gradProducts", "gradState"]
> = defineFusable("gruSequenceGrad", {
  inputs: ["grad", "state", "weight", "output", "activations"],
  outputs: ["gradGates", "gradProducts", "gradState"],
  infer: (all, attrs): [TensorSpec, TensorSpec, TensorSpec] => {
    const [grad, state, weight, output, activations] = all;
    const hidden = hiddenOf(weight, 3);
    checkGradient(all, attrs, {
      Gradient: [grad, hidden],
      Output: [output, hidden],
      Activation: [activations, 4 * hidden],
    });
    const before = spec(grad, batchOf(attrs), hidden);
    requireShape("State", state, before.shape);
    const gates = spec(grad, grad.shape[0] as number, 3 * hidden);
    return [gates, gates, before];
  },
  gradient: throughDecomposition,
  decompose: ([grad, state, weight, output, activations], attrs) =>
    gruGradient({ grad }, { state, weight, output, activations }, attrs),
});
