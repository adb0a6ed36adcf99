// The gradients of recurrent ops by walking back step by step: what the fused gradients decompose to.
import type { Tensor } from "../tensor.ts";
import { stack } from "./join.ts";
import {
  joined,
  type RnnAttrs,
  rowsOf,
  type SequenceAttrs,
  StateGradient,
  statesBefore,
  stepsOf,
} from "./rnn-steps.ts";

export const plus = (a: Tensor, b: Tensor | undefined): Tensor => (b === undefined ? a : a.add(b));

/** d sigmoid in terms of its value. */
const sigmoidSlope = (y: Tensor): Tensor => y.mul(y.rsub(1));
/** d tanh in terms of its value. */
const tanhSlope = (y: Tensor): Tensor => y.mul(y).rsub(1);

const chunked = (t: Tensor): [Tensor, Tensor, Tensor, Tensor] =>
  t.chunk(4, 1) as [Tensor, Tensor, Tensor, Tensor];

export function rnnGradient(
  grad: Tensor,
  weight: Tensor,
  output: Tensor,
  attrs: RnnAttrs,
): [gates: Tensor, state: Tensor] {
  const slope = attrs.nonlinearity === "tanh" ? tanhSlope(output) : output.gt(0).to(output.dtype);
  const passed = new StateGradient();
  const pieces = stepsOf(attrs)
    .toReversed()
    .map((step) => {
      const dh = plus(rowsOf(grad, step), passed.take(step.size));
      const dz = dh.mul(rowsOf(slope, step));
      passed.set(dz.matmul(weight));
      return dz;
    });
  return [joined(pieces.reverse(), attrs), passed.initial()];
}

/** What comes back to an LSTM's outputs. */
interface LstmGrads {
  readonly grad: Tensor;
  readonly gradCells?: Tensor | undefined;
  readonly gradActivations?: Tensor | undefined;
}
interface LstmSaved {
  readonly cell: Tensor;
  readonly weight: Tensor;
  readonly projection?: Tensor | undefined;
  readonly cells: Tensor;
  readonly activations: Tensor;
}

/** With m = o tanh(c): dm is dh, or dh P; dc = dm o (1 - tanh(c)^2) + what comes for c itself. */
export function lstmGradient(
  { grad, gradCells, gradActivations }: LstmGrads,
  { cell, weight, projection, cells, activations }: LstmSaved,
  attrs: SequenceAttrs,
): [gates: Tensor, state: Tensor, cell: Tensor, projection: Tensor | undefined] {
  const [i, f, g, o] = chunked(activations);
  const cBefore = statesBefore(cells, cell, attrs);
  const tc = cells.tanh();
  const slopes = stack([sigmoidSlope(i), sigmoidSlope(f), tanhSlope(g), sigmoidSlope(o)], 1);
  // dc or dm times these give the gates' gradients. [rows, 4, hidden]
  const factors = stack([g, cBefore, i, tc], 1).mul(slopes);
  const own = gradActivations?.unflatten(1, [4, -1]).mul(slopes);
  const toCell = o.mul(tanhSlope(tc));
  const [passedH, passedC] = [new StateGradient(), new StateGradient()];
  const [dhs, dzs]: [Tensor[], Tensor[]] = [[], []];
  for (const step of stepsOf(attrs).toReversed()) {
    const dh = plus(rowsOf(grad, step), passedH.take(step.size));
    const dm = projection === undefined ? dh : dh.matmul(projection);
    let dc = plus(dm.mul(rowsOf(toCell, step)), passedC.take(step.size));
    if (gradCells !== undefined) dc = dc.add(rowsOf(gradCells, step));
    let dz = stack([dc, dc, dc, dm], 1).mul(rowsOf(factors, step));
    if (own !== undefined) dz = dz.add(rowsOf(own, step));
    const flat = dz.flatten(1);
    passedC.set(dc.mul(rowsOf(f, step)));
    passedH.set(flat.matmul(weight));
    dhs.unshift(dh);
    dzs.unshift(flat);
  }
  const dProjection = projection && joined(dhs, attrs).t().matmul(o.mul(tc));
  return [joined(dzs, attrs), passedH.initial(), passedC.initial(), dProjection];
}

/** What comes back to a GRU's outputs. */
interface GruGrads {
  readonly grad: Tensor;
  readonly gradActivations?: Tensor | undefined;
}
interface GruSaved {
  readonly state: Tensor;
  readonly weight: Tensor;
  readonly output: Tensor;
  readonly activations: Tensor;
}

/** dh times one factor a gate gives the gradients of the gates' two shares; dh z stays with h. */
export function gruGradient(
  { grad, gradActivations }: GruGrads,
  { state, weight, output, activations }: GruSaved,
  attrs: SequenceAttrs,
): [gates: Tensor, products: Tensor, state: Tensor] {
  const before = statesBefore(output, state, attrs);
  const [r, z, n, hn] = chunked(activations);
  const [slopeR, slopeZ, slopeN] = [sigmoidSlope(r), sigmoidSlope(z), tanhSlope(n)];
  const toN = z.rsub(1).mul(slopeN);
  const toR = toN.mul(hn).mul(slopeR);
  const toZ = before.sub(n).mul(slopeZ);
  const toProducts = stack([toR, toZ, toN.mul(r)], 1); // [rows, 3, hidden]
  let ownGates: Tensor | undefined;
  let ownProducts: Tensor | undefined;
  if (gradActivations !== undefined) {
    const [gr, gz, gn, gh] = chunked(gradActivations);
    const dn = gn.mul(slopeN);
    const dr = gr.add(dn.mul(hn)).mul(slopeR);
    const dz = gz.mul(slopeZ);
    ownGates = stack([dr, dz, dn], 1);
    ownProducts = stack([dr, dz, dn.mul(r).add(gh)], 1);
  }
  const passed = new StateGradient();
  const [dhs, products]: [Tensor[], Tensor[]] = [[], []];
  for (const step of stepsOf(attrs).toReversed()) {
    const dh = plus(rowsOf(grad, step), passed.take(step.size));
    let product = dh.unsqueeze(1).mul(rowsOf(toProducts, step));
    if (ownProducts !== undefined) product = product.add(rowsOf(ownProducts, step));
    const flat = product.flatten(1);
    passed.set(dh.mul(rowsOf(z, step)).add(flat.matmul(weight)));
    dhs.unshift(dh);
    products.unshift(flat);
  }
  const gates = joined(dhs, attrs)
    .unsqueeze(1)
    .mul(stack([toR, toZ, toN], 1));
  return [plus(gates, ownGates).flatten(1), joined(products, attrs), passed.initial()];
}
