// The definitions of the recurrent kernels over whole sequences, and what runs for float64 and where WebAssembly SIMD is
// missing: plain loops, sums in float64. All arrays are dense; they may also be Float64Arrays.
import { type Run, runsOf, type Sequence } from "./rnn-runs.ts";

export type { Sequence } from "./rnn-runs.ts";

type F = Float32Array;

/** What a simple recurrent layer does: tanh, or relu. */
export interface RnnSequence extends Sequence {
  readonly relu: boolean;
}

const sigmoid = (x: number): number => {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
};

/** to[j] += the dot product of row j of `weight` [.., size] and `x`, for all of `to`. */
function addRows(to: Float64Array, weight: F, x: Float64Array, at: number, size: number): void {
  for (let j = 0, w = 0; j < to.length; j++) {
    let sum = 0;
    for (let p = 0; p < size; p++, w++) sum += (weight[w] as number) * (x[at + p] as number);
    to[j] = (to[j] as number) + sum;
  }
}

/** to[at + j] += the sum over p of x[p] * weight[p, j], for `size` columns. */
function addColumns(to: Float64Array, at: number, weight: F, x: Float64Array, size: number): void {
  for (let p = 0, w = 0; p < x.length; p++) {
    const scale = x[p] as number;
    for (let j = 0; j < size; j++, w++)
      to[at + j] = (to[at + j] as number) + scale * (weight[w] as number);
  }
}

/** Calls `visit` for every row of every step: its place, and its sequence. */
function eachRow(
  runs: readonly Run[],
  visit: (row: number, sequence: number, run: Run) => void,
): void {
  for (const run of runs) for (let b = 0; b < run.rows; b++) visit(run.start + b, b, run);
}

/** Where the state before a row lies: in what came of the step before, or in the initial state. */
function before(after: F, initial: F, b: number, run: Run): readonly [F, number] {
  return b < run.beforeRows ? [after, run.beforeStart + b] : [initial, b];
}

/** h = f(gates + h W^T) */
export function rnnSequenceF32(
  output: F,
  { gates, state, weight }: { readonly gates: F; readonly state: F; readonly weight: F },
  sequence: RnnSequence,
): void {
  const { hidden, relu } = sequence;
  const h = Float64Array.from(state);
  const z = new Float64Array(hidden);
  eachRow(runsOf(sequence), (row, b) => {
    for (let j = 0; j < hidden; j++) z[j] = gates[row * hidden + j] as number;
    addRows(z, weight, h, b * hidden, hidden);
    for (let j = 0; j < hidden; j++) {
      const x = z[j] as number;
      const y = relu ? Math.max(x, 0) : Math.tanh(x);
      h[b * hidden + j] = y;
      output[row * hidden + j] = y;
    }
  });
}

/** What the gradient of a simple recurrent layer writes. */
export interface RnnGradOut {
  readonly gradGates: F;
  readonly gradState: F;
}

/** dz = (g + dh) f'(z); dh = dz W */
export function rnnSequenceGradF32(
  { gradGates, gradState }: RnnGradOut,
  { grad, weight, output }: { readonly grad: F; readonly weight: F; readonly output: F },
  sequence: RnnSequence,
): void {
  const { hidden, relu } = sequence;
  const dh = new Float64Array(gradState.length);
  const dz = new Float64Array(hidden);
  eachRow(runsOf(sequence).reverse(), (row, b) => {
    const at = b * hidden;
    for (let j = 0; j < hidden; j++) {
      const y = output[row * hidden + j] as number;
      const slope = relu ? Number(y > 0) : 1 - y * y;
      dz[j] = ((grad[row * hidden + j] as number) + (dh[at + j] as number)) * slope;
      gradGates[row * hidden + j] = dz[j] as number;
    }
    dh.fill(0, at, at + hidden);
    addColumns(dh, at, weight, dz, hidden);
  });
  gradState.set(dh);
}

/** What an LSTM reads; `projection` [size, hidden] makes its state of hidden ones. */
export interface LstmIn {
  readonly gates: F;
  readonly state: F;
  readonly cell: F;
  readonly weight: F;
  readonly projection: F | undefined;
}
/** What an LSTM writes: states, cells, and the gates' values [rows, 4, hidden]. */
export interface LstmOut {
  readonly output: F;
  readonly cells: F;
  readonly activations: F;
}

/** [i, f, g, o] = gates + h W^T; c = sigmoid(f) c + sigmoid(i) tanh(g); h = sigmoid(o) tanh(c), or that P^T */
export function lstmSequenceF32(
  { output, cells, activations }: LstmOut,
  { gates, state, cell, weight, projection }: LstmIn,
  sequence: Sequence,
): void {
  const { hidden } = sequence;
  const size = hidden === 0 ? 0 : (projection?.length ?? hidden * hidden) / hidden;
  const [h, c] = [Float64Array.from(state), Float64Array.from(cell)];
  const z = new Float64Array(4 * hidden);
  const m = new Float64Array(hidden);
  eachRow(runsOf(sequence), (row, b) => {
    const from = row * 4 * hidden;
    for (let j = 0; j < z.length; j++) z[j] = gates[from + j] as number;
    addRows(z, weight, h, b * size, size);
    for (let j = 0; j < hidden; j++) {
      const i = sigmoid(z[j] as number);
      const f = sigmoid(z[hidden + j] as number);
      const g = Math.tanh(z[2 * hidden + j] as number);
      const o = sigmoid(z[3 * hidden + j] as number);
      const next = f * (c[b * hidden + j] as number) + i * g;
      c[b * hidden + j] = next;
      cells[row * hidden + j] = next;
      m[j] = o * Math.tanh(next);
      activations[from + j] = i;
      activations[from + hidden + j] = f;
      activations[from + 2 * hidden + j] = g;
      activations[from + 3 * hidden + j] = o;
    }
    const now = h.subarray(b * size, b * size + size);
    if (projection === undefined) now.set(m);
    else addRows(now.fill(0), projection, m, 0, hidden);
    output.set(now, row * size);
  });
}

/** What the gradient of an LSTM reads. */
export interface LstmGradIn {
  readonly grad: F;
  readonly gradCells: F | undefined;
  readonly cell: F;
  readonly weight: F;
  readonly cells: F;
  readonly activations: F;
}
/** What it writes. */
export interface LstmGradOut {
  readonly gradGates: F;
  readonly gradState: F;
  readonly gradCell: F;
}

/** dc = (g + dh) o (1 - tanh(c)^2) + dc; dz by gate; dh = dz W; dc = dc f */
export function lstmSequenceGradF32(
  { gradGates, gradState, gradCell }: LstmGradOut,
  { grad, gradCells, cell, weight, cells, activations }: LstmGradIn,
  sequence: Sequence,
): void {
  const { hidden } = sequence;
  const dh = new Float64Array(gradState.length);
  const dc = new Float64Array(gradCell.length);
  const dz = new Float64Array(4 * hidden);
  eachRow(runsOf(sequence).reverse(), (row, b, run) => {
    const at = b * hidden;
    const [old, oldRow] = before(cells, cell, b, run);
    for (let j = 0; j < hidden; j++) {
      const from = row * 4 * hidden + j;
      const i = activations[from] as number;
      const f = activations[from + hidden] as number;
      const g = activations[from + 2 * hidden] as number;
      const o = activations[from + 3 * hidden] as number;
      const t = Math.tanh(cells[row * hidden + j] as number);
      const m = (grad[row * hidden + j] as number) + (dh[at + j] as number);
      const more = (gradCells?.[row * hidden + j] as number | undefined) ?? 0;
      const d = m * o * (1 - t * t) + (dc[at + j] as number) + more;
      dz[j] = d * g * i * (1 - i);
      dz[hidden + j] = d * (old[oldRow * hidden + j] as number) * f * (1 - f);
      dz[2 * hidden + j] = d * i * (1 - g * g);
      dz[3 * hidden + j] = m * t * o * (1 - o);
      dc[at + j] = d * f;
    }
    gradGates.set(dz, row * 4 * hidden);
    dh.fill(0, at, at + hidden);
    addColumns(dh, at, weight, dz, hidden);
  });
  gradState.set(dh);
  gradCell.set(dc);
}

/** What a GRU reads. */
export interface GruIn {
  readonly gates: F;
  readonly state: F;
  readonly weight: F;
  readonly bias: F | undefined;
}
/** What a GRU writes: states, and r, z, n and hn [rows, 4, hidden]. */
export interface GruOut {
  readonly output: F;
  readonly activations: F;
}

/** r = sigmoid(xr + hr); z = sigmoid(xz + hz); n = tanh(xn + r hn); h = n + z (h - n) */
export function gruSequenceF32(
  { output, activations }: GruOut,
  { gates, state, weight, bias }: GruIn,
  sequence: Sequence,
): void {
  const { hidden } = sequence;
  const h = Float64Array.from(state);
  const p = new Float64Array(3 * hidden);
  eachRow(runsOf(sequence), (row, b) => {
    if (bias === undefined) p.fill(0);
    else p.set(bias);
    addRows(p, weight, h, b * hidden, hidden);
    for (let j = 0; j < hidden; j++) {
      const [from, to] = [row * 3 * hidden + j, row * 4 * hidden + j];
      const r = sigmoid((gates[from] as number) + (p[j] as number));
      const z = sigmoid((gates[from + hidden] as number) + (p[hidden + j] as number));
      const hn = p[2 * hidden + j] as number;
      const n = Math.tanh((gates[from + 2 * hidden] as number) + r * hn);
      const next = n + z * ((h[b * hidden + j] as number) - n);
      h[b * hidden + j] = next;
      output[row * hidden + j] = next;
      activations[to] = r;
      activations[to + hidden] = z;
      activations[to + 2 * hidden] = n;
      activations[to + 3 * hidden] = hn;
    }
  });
}

/** What the gradient of a GRU reads. */
export interface GruGradIn {
  readonly grad: F;
  readonly state: F;
  readonly weight: F;
  readonly output: F;
  readonly activations: F;
}
/** What it writes. */
export interface GruGradOut {
  readonly gradGates: F;
  readonly gradProducts: F;
  readonly gradState: F;
}

/** dn = (g + dh) (1 - z) (1 - n^2) and so on; dh = (g + dh) z + dp W */
export function gruSequenceGradF32(
  { gradGates, gradProducts, gradState }: GruGradOut,
  { grad, state, weight, output, activations }: GruGradIn,
  sequence: Sequence,
): void {
  const { hidden } = sequence;
  const dh = new Float64Array(gradState.length);
  const [dx, dp] = [new Float64Array(3 * hidden), new Float64Array(3 * hidden)];
  eachRow(runsOf(sequence).reverse(), (row, b, run) => {
    const at = b * hidden;
    const [old, oldRow] = before(output, state, b, run);
    for (let j = 0; j < hidden; j++) {
      const from = row * 4 * hidden + j;
      const r = activations[from] as number;
      const z = activations[from + hidden] as number;
      const n = activations[from + 2 * hidden] as number;
      const hn = activations[from + 3 * hidden] as number;
      const g = (grad[row * hidden + j] as number) + (dh[at + j] as number);
      const dn = g * (1 - z) * (1 - n * n);
      dx[j] = dn * hn * r * (1 - r);
      dx[hidden + j] = g * ((old[oldRow * hidden + j] as number) - n) * z * (1 - z);
      dx[2 * hidden + j] = dn;
      dp[2 * hidden + j] = dn * r;
      dh[at + j] = g * z;
    }
    dp.set(dx.subarray(0, 2 * hidden));
    gradGates.set(dx, row * 3 * hidden);
    gradProducts.set(dp, row * 3 * hidden);
    addColumns(dh, at, weight, dp, hidden);
  });
  gradState.set(dh);
}
