// Recurrent layers over whole sequences, float32: the weight packed once, then step after step a product (matmul's) and the gates
// in scratch memory. The twins, with the formulas, are in src/twins/rnn.ts.
import type * as twins from "../twins/rnn.ts";
import { type Run, runsOf, type Sequence } from "../twins/rnn-runs.ts";
import { type Engine, reserve, wasmEngine } from "./engine.ts";
import { partOf } from "./matmul-blocks.ts";
import { copyIn, copyOut } from "./stage.ts";

/** Kernels work on whole panels of 8 columns: gates are padded with zeros to that. */
const padded = (size: number): number => (size + 7) & ~7;

/** Reserves areas of these many floats; gives where each begins (float indices). */
function areas(engine: Engine, ...counts: readonly number[]): number[] {
  const sizes = counts.map((count) => (count + 15) & ~15);
  let at = reserve(engine, sizes.reduce((sum, size) => sum + size, 0) * 4) >> 2;
  return sizes.map((size) => {
    const start = at;
    at += size;
    return start;
  });
}

/** Lines of `size` floats to scratch memory, each padded with zeros. */
function stageLines(
  engine: Engine,
  to: number,
  from: Float32Array,
  first: number,
  lines: number,
  size: number,
): void {
  const width = padded(size);
  if (width === size) {
    copyIn(engine, to, from, first * size, lines * size);
    return;
  }
  engine.f32.fill(0, to, to + lines * width);
  for (let i = 0; i < lines; i++) copyIn(engine, to + i * width, from, (first + i) * size, size);
}

/** Lines of `size` floats from scratch memory, without what pads them. */
function unstageLines(
  engine: Engine,
  from: number,
  to: Float32Array,
  first: number,
  lines: number,
  size: number,
): void {
  const width = padded(size);
  if (width === size) copyOut(engine, from, to, first * size, lines * size);
  else
    for (let i = 0; i < lines; i++) copyOut(engine, from + i * width, to, (first + i) * size, size);
}

/** Takes away what products leave beyond `size`: zeros, or NaN where a row holds an infinity. */
function clearPadding(engine: Engine, at: number, rows: number, size: number): void {
  const width = padded(size);
  if (width === size) return;
  for (let row = 0; row < rows; row++)
    engine.f32.fill(0, at + row * width + size, at + (row + 1) * width);
}

/** Rows of the state before a step: of the step that ran before it, then of sequences that begin. */
function stageBefore(
  engine: Engine,
  to: number,
  after: Float32Array,
  initial: Float32Array,
  { rows, beforeStart, beforeRows }: Run,
  size: number,
): void {
  stageLines(engine, to, after, beforeStart, beforeRows, size);
  const begun = to + beforeRows * padded(size);
  stageLines(engine, begun, initial, beforeRows, rows - beforeRows, size);
}

/** A weight [gates * hidden, size] brought to `raw` with gates padded, lines of `size` dense. */
function stageWeight(
  engine: Engine,
  raw: number,
  weight: Float32Array,
  gates: number,
  hidden: number,
  size: number,
): void {
  const width = padded(hidden);
  if (width !== hidden) engine.f32.fill(0, raw, raw + gates * width * size);
  if (width === hidden) copyIn(engine, raw, weight, 0, gates * hidden * size);
  else
    for (let gate = 0; gate < gates; gate++)
      copyIn(engine, raw + gate * width * size, weight, gate * hidden * size, hidden * size);
}

/** Rows of the state that are multiplied together. */
const ROWS = 60;

/** A weight in matmul's panels, to multiply rows of `k` floats, as far apart, and give rows of `width`, a multiple of 8. */
interface Weight {
  readonly packed: number;
  /** Where packed rows go: floats for `ROWS` of them. */
  readonly rows: number;
  readonly k: number;
  readonly width: number;
}

/** Packs a staged weight [size, k] for products with its transpose: h W^T. */
function packForward(engine: Engine, raw: number, size: number, weight: Weight): Weight {
  const { packed, k, width } = weight;
  engine.kernels.packTask(packed * 4, raw * 4, k, 1, size, k, 8, partOf(k), width, 0);
  return weight;
}

/** Packs a staged weight [k, size] for products with itself: dz W. */
function packBackward(engine: Engine, raw: number, size: number, weight: Weight): Weight {
  const { packed, k, width } = weight;
  engine.kernels.packTask(packed * 4, raw * 4, 1, size, size, k, 8, partOf(k), width, 0);
  return weight;
}

/** to[rows, width] = from[rows, stride] W, or += without `fresh`. */
function multiply(
  engine: Engine,
  to: number,
  from: number,
  stride: number,
  { packed, rows: packedRows, k, width }: Weight,
  rows: number,
  fresh: boolean,
): void {
  const { packTask, matmulTask, panelRows } = engine.kernels;
  const [panel, depth] = [panelRows(), partOf(k)];
  for (let row = 0; row < rows; row += ROWS) {
    const some = Math.min(ROWS, rows - row);
    const start = (from + row * stride) * 4;
    packTask(packedRows * 4, start, stride, 1, some, k, panel, depth, ROWS, 0);
    matmulTask(
      ...([packedRows * 4, packed * 4, (to + row * width) * 4, some, width, k] as const),
      ...([depth, fresh ? 1 : 0, ROWS, width, 0] as const),
    );
  }
}

const batchOf = ({ batchSizes }: Sequence): number => batchSizes[0] as number;

/** Whether there is nothing to do but to hand zeros back. */
const isEmpty = (sequence: Sequence): boolean => batchOf(sequence) * sequence.hidden === 0;

export const rnnSequenceF32: typeof twins.rnnSequenceF32 = (output, operands, sequence) => {
  if (isEmpty(sequence)) return;
  const engine = wasmEngine();
  const { kernels } = engine;
  const { hidden, relu } = sequence;
  const [batch, width] = [batchOf(sequence), padded(hidden)];
  const [raw, packed, panels, z, h] = areas(
    engine,
    ...[width * hidden, width * hidden, ROWS * hidden, batch * width, batch * width],
  ) as [number, number, number, number, number];
  stageWeight(engine, raw, operands.weight, 1, hidden, hidden);
  const weight = packForward(engine, raw, width, { packed, rows: panels, k: hidden, width });
  stageLines(engine, h, operands.state, 0, batch, hidden);
  for (const { start, rows } of runsOf(sequence)) {
    stageLines(engine, z, operands.gates, start, rows, hidden);
    multiply(engine, z, h, width, weight, rows, false);
    kernels.rnnStep(h * 4, z * 4, rows * width, Number(relu));
    unstageLines(engine, h, output, start, rows, hidden);
  }
};

export const rnnSequenceGradF32: typeof twins.rnnSequenceGradF32 = (out, operands, sequence) => {
  if (isEmpty(sequence)) return;
  const engine = wasmEngine();
  const { kernels } = engine;
  const { hidden, relu } = sequence;
  const [batch, width] = [batchOf(sequence), padded(hidden)];
  const state = batch * width;
  const [raw, packed, panels, g, y, dh] = areas(
    engine,
    ...[width * hidden, width * width, ROWS * width, state, state, state],
  ) as [number, number, number, number, number, number];
  stageWeight(engine, raw, operands.weight, 1, hidden, hidden);
  const weight = packBackward(engine, raw, hidden, { packed, rows: panels, k: width, width });
  engine.f32.fill(0, dh, dh + state);
  for (const { start, rows } of runsOf(sequence).reverse()) {
    stageLines(engine, g, operands.grad, start, rows, hidden);
    stageLines(engine, y, operands.output, start, rows, hidden);
    kernels.rnnStepGrad(g * 4, dh * 4, y * 4, rows * width, Number(relu));
    multiply(engine, dh, g, width, weight, rows, true);
    clearPadding(engine, dh, rows, hidden);
    unstageLines(engine, g, out.gradGates, start, rows, hidden);
  }
  unstageLines(engine, dh, out.gradState, 0, batch, hidden);
};

export const lstmSequenceF32: typeof twins.lstmSequenceF32 = (out, operands, sequence) => {
  if (isEmpty(sequence)) return;
  const engine = wasmEngine();
  const { kernels } = engine;
  const { hidden } = sequence;
  const { projection } = operands;
  const size = (projection?.length ?? hidden * hidden) / hidden;
  const [batch, width, wide] = [batchOf(sequence), padded(hidden), padded(size)];
  const projected = projection === undefined ? 0 : wide * hidden;
  const [raw, packed, panels, rawP, packedP, z, c, m, h] = areas(
    engine,
    ...[4 * width * size, 4 * width * size, ROWS * Math.max(size, hidden), projected, projected],
    ...[batch * 4 * width, batch * width, batch * width, batch * wide],
  ) as [number, number, number, number, number, number, number, number, number];
  stageWeight(engine, raw, operands.weight, 4, hidden, size);
  const gates: Weight = { packed, rows: panels, k: size, width: 4 * width };
  const weight = packForward(engine, raw, 4 * width, gates);
  const shrink: Weight = { packed: packedP, rows: panels, k: hidden, width: wide };
  if (projection !== undefined) {
    copyIn(engine, rawP, projection, 0, size * hidden);
    packForward(engine, rawP, size, shrink);
  }
  stageLines(engine, h, operands.state, 0, batch, size);
  stageLines(engine, c, operands.cell, 0, batch, hidden);
  const next = projection === undefined ? h : m;
  for (const { start, rows } of runsOf(sequence)) {
    stageLines(engine, z, operands.gates, 4 * start, 4 * rows, hidden);
    multiply(engine, z, h, wide, weight, rows, false);
    kernels.lstmStep(z * 4, c * 4, next * 4, rows, width);
    if (projection !== undefined) multiply(engine, h, m, width, shrink, rows, true);
    unstageLines(engine, z, out.activations, 4 * start, 4 * rows, hidden);
    unstageLines(engine, c, out.cells, start, rows, hidden);
    unstageLines(engine, h, out.output, start, rows, size);
  }
};

export const lstmSequenceGradF32: typeof twins.lstmSequenceGradF32 = (out, operands, sequence) => {
  if (isEmpty(sequence)) return;
  const engine = wasmEngine();
  const { kernels } = engine;
  const { hidden } = sequence;
  const [batch, width] = [batchOf(sequence), padded(hidden)];
  const state = batch * width;
  const [raw, packed, panels, z, g, more, cell, before, dh, dc] = areas(
    engine,
    ...[4 * width * hidden, 4 * width * width, ROWS * 4 * width, 4 * state],
    ...[state, state, state, state, state, state],
  ) as [number, number, number, number, number, number, number, number, number, number];
  stageWeight(engine, raw, operands.weight, 4, hidden, hidden);
  const gates: Weight = { packed, rows: panels, k: 4 * width, width };
  const weight = packBackward(engine, raw, hidden, gates);
  engine.f32.fill(0, dh, dh + state);
  engine.f32.fill(0, dc, dc + state);
  const { grad, gradCells, cells, activations } = operands;
  for (const run of runsOf(sequence).reverse()) {
    const { start, rows } = run;
    stageLines(engine, z, activations, 4 * start, 4 * rows, hidden);
    if (gradCells !== undefined) stageLines(engine, more, gradCells, start, rows, hidden);
    stageLines(engine, g, grad, start, rows, hidden);
    stageLines(engine, cell, cells, start, rows, hidden);
    stageBefore(engine, before, cells, operands.cell, run, hidden);
    const own = gradCells === undefined ? 0 : more * 4;
    const states = [dh * 4, dc * 4, cell * 4, before * 4] as const;
    kernels.lstmStepGrad(z * 4, g * 4, own, ...states, rows, width);
    multiply(engine, dh, z, 4 * width, weight, rows, true);
    clearPadding(engine, dh, rows, hidden);
    unstageLines(engine, z, out.gradGates, 4 * start, 4 * rows, hidden);
  }
  unstageLines(engine, dh, out.gradState, 0, batch, hidden);
  unstageLines(engine, dc, out.gradCell, 0, batch, hidden);
};

export const gruSequenceF32: typeof twins.gruSequenceF32 = (out, operands, sequence) => {
  if (isEmpty(sequence)) return;
  const engine = wasmEngine();
  const { kernels } = engine;
  const { hidden } = sequence;
  const [batch, width] = [batchOf(sequence), padded(hidden)];
  const state = batch * width;
  const [raw, packed, panels, bias, x, p, y, h] = areas(
    engine,
    ...[3 * width * hidden, 3 * width * hidden, ROWS * hidden, 3 * width],
    ...[3 * state, 3 * state, 4 * state, state],
  ) as [number, number, number, number, number, number, number, number];
  stageWeight(engine, raw, operands.weight, 3, hidden, hidden);
  const gates: Weight = { packed, rows: panels, k: hidden, width: 3 * width };
  const weight = packForward(engine, raw, 3 * width, gates);
  if (operands.bias === undefined) engine.f32.fill(0, bias, bias + 3 * width);
  else stageLines(engine, bias, operands.bias, 0, 3, hidden);
  stageLines(engine, h, operands.state, 0, batch, hidden);
  for (const { start, rows } of runsOf(sequence)) {
    stageLines(engine, x, operands.gates, 3 * start, 3 * rows, hidden);
    for (let row = 0; row < rows; row++)
      engine.f32.copyWithin(p + row * 3 * width, bias, bias + 3 * width);
    multiply(engine, p, h, width, weight, rows, false);
    kernels.gruStep(y * 4, x * 4, p * 4, h * 4, rows, width);
    unstageLines(engine, y, out.activations, 4 * start, 4 * rows, hidden);
    unstageLines(engine, h, out.output, start, rows, hidden);
  }
};

export const gruSequenceGradF32: typeof twins.gruSequenceGradF32 = (out, operands, sequence) => {
  if (isEmpty(sequence)) return;
  const engine = wasmEngine();
  const { kernels } = engine;
  const { hidden } = sequence;
  const [batch, width] = [batchOf(sequence), padded(hidden)];
  const state = batch * width;
  const [raw, packed, panels, dx, dp, y, g, dh, before] = areas(
    engine,
    ...[3 * width * hidden, 3 * width * width, ROWS * 3 * width, 3 * state, 3 * state],
    ...[4 * state, state, state, state],
  ) as [number, number, number, number, number, number, number, number, number];
  stageWeight(engine, raw, operands.weight, 3, hidden, hidden);
  const gates: Weight = { packed, rows: panels, k: 3 * width, width };
  const weight = packBackward(engine, raw, hidden, gates);
  engine.f32.fill(0, dh, dh + state);
  for (const run of runsOf(sequence).reverse()) {
    const { start, rows } = run;
    stageLines(engine, y, operands.activations, 4 * start, 4 * rows, hidden);
    stageLines(engine, g, operands.grad, start, rows, hidden);
    stageBefore(engine, before, operands.output, operands.state, run, hidden);
    const areasIn = [y * 4, g * 4, dh * 4, before * 4] as const;
    kernels.gruStepGrad(dx * 4, dp * 4, ...areasIn, rows, width);
    multiply(engine, dh, dp, 3 * width, weight, rows, false);
    clearPadding(engine, dh, rows, hidden);
    unstageLines(engine, dx, out.gradGates, 3 * start, 3 * rows, hidden);
    unstageLines(engine, dp, out.gradProducts, 3 * start, 3 * rows, hidden);
  }
  unstageLines(engine, dh, out.gradState, 0, batch, hidden);
};
