// Attention without the whole matrix of scores, float32: some heads at a time are brought to scratch memory, where each is a
// task of assembly/attention.ts. The twins, with the formulas, are in src/twins/attention.ts.
import { engineFor, parallel, threadsOf } from "../threads/threads.ts";
import * as twins from "../twins/attention.ts";
import { type Engine, reserve } from "./engine.ts";
import { copyIn, copyOut } from "./stage.ts";

type Heads = twins.Heads;
type Sizes = twins.AttentionSizes;

/** Rows longer than this would not fit a thread's scratch area: the twins take them. */
const MOST_COLUMNS = 1024;
/** Floats staged at a time on one thread, and on each of several. */
const CHUNK = 1 << 18;
/** Words of a job, as the class in assembly/attention.ts lays them out. */
const WORDS = 48;

const align = (floats: number): number => (floats + 31) & ~15;
const padded = (size: number): number => (size + 7) & ~7;

/** Heads brought to scratch memory: where, and how far apart rows and heads lie (floats). */
interface Staged {
  readonly at: number;
  readonly row: number;
  readonly step: number;
}

/** Brings heads [first, first + count) in, heads side by side in a row in one piece. */
function stageHeads(
  engine: Engine,
  at: number,
  { data, starts, row }: Heads,
  first: number,
  count: number,
  rows: number,
  columns: number,
): Staged {
  const apart = (starts[first + 1] ?? 0) - (starts[first] as number);
  let even = count > 1;
  for (let i = first + 1; even && i < first + count; i++)
    even = (starts[i] as number) - (starts[i - 1] as number) === apart;
  if (even && row === columns && apart === rows * columns) {
    copyIn(engine, at, data, starts[first] as number, count * rows * columns);
    return { at, row: columns, step: rows * columns };
  }
  if (even && apart === columns && row >= count * columns) {
    stageRows(engine, at, data, starts[first] as number, row, rows, count * columns);
    return { at, row: count * columns, step: columns };
  }
  for (let i = 0; i < count; i++)
    stageRows(
      engine,
      at + i * rows * columns,
      data,
      starts[first + i] as number,
      row,
      rows,
      columns,
    );
  return { at, row: columns, step: rows * columns };
}

function stageRows(
  engine: Engine,
  at: number,
  data: Float32Array,
  from: number,
  row: number,
  rows: number,
  columns: number,
): void {
  if (row === columns) copyIn(engine, at, data, from, rows * columns);
  else
    for (let i = 0; i < rows; i++) copyIn(engine, at + i * columns, data, from + i * row, columns);
}

/** Dense rows out of rows that are padded to whole panels. */
function unstage(
  engine: Engine,
  at: number,
  to: Float32Array,
  from: number,
  rows: number,
  columns: number,
): void {
  const width = padded(columns);
  if (width === columns) copyOut(engine, at, to, from, rows * columns);
  else
    for (let i = 0; i < rows; i++) copyOut(engine, at + i * width, to, from + i * columns, columns);
}

/** A head's mask as panels of eight queries [keys, 8]; one panel where all queries have the same. */
function stageMask(
  engine: Engine,
  at: number,
  mask: twins.ScoreMask,
  head: number,
  { queries, keys }: Sizes,
): void {
  const memory = engine.f32;
  const rows = mask.row === 0 ? 8 : Math.ceil(queries / 8) * 8;
  for (let i = 0; i < rows; i++) {
    let to = at + (i >> 3) * keys * 8 + (i & 7);
    const given = mask.row === 0 || i < queries;
    for (let j = 0; j < keys; j++, to += 8)
      memory[to] = given ? twins.maskAt(mask, head, mask.row === 0 ? 0 : i, j) : 0;
  }
}

/** How large the areas of one head are, in floats. */
const floatsOfMask = ({ queries, keys }: Sizes, mask: twins.ScoreMask | undefined): number =>
  mask === undefined ? 0 : (mask.row === 0 ? 8 : Math.ceil(queries / 8) * 8) * keys;

/** Whether all heads [first, first + count) have the mask of `head`. */
function isShared(mask: twins.ScoreMask, head: number, first: number, count: number): boolean {
  for (let i = first; i < first + count; i++)
    if (mask.starts[i] !== mask.starts[head]) return false;
  return true;
}

/** Brings masks in, and says how far apart the heads' lie; what is there already stays. */
class MaskStage {
  #held = -1;
  stage(
    engine: Engine,
    at: number,
    mask: twins.ScoreMask | undefined,
    first: number,
    count: number,
    sizes: Sizes,
  ): readonly [address: number, panel: number, step: number] {
    if (mask === undefined) return [0, 0, 0];
    const size = floatsOfMask(sizes, mask);
    const panel = mask.row === 0 ? 0 : sizes.keys * 32;
    if (isShared(mask, first, first, count)) {
      if (this.#held < 0 || mask.starts[this.#held] !== mask.starts[first])
        stageMask(engine, at, mask, first, sizes);
      this.#held = first;
      return [at * 4, panel, 0];
    }
    this.#held = -1;
    for (let i = 0; i < count; i++) stageMask(engine, at + i * size, mask, first + i, sizes);
    return [at * 4, panel, size * 4];
  }
}

/** Consecutive areas for `count` heads, of these many floats a head. */
function layOut(base: number, count: number, sizes: readonly number[]): readonly number[] {
  let at = base;
  return sizes.map((size) => {
    const start = at;
    at += align(count * size);
    return start;
  });
}

const place = ({ at, row, step }: Staged): readonly number[] => [at * 4, row * 4, step * 4];

const isWide = ({ features, columns }: Sizes): boolean =>
  features > MOST_COLUMNS || columns > MOST_COLUMNS;

/** Calls `run` for some heads at a time, with the areas of scratch memory that they have. */
function eachChunk(
  heads: number,
  cost: number,
  areas: readonly number[],
  run: (engine: Engine, job: number, first: number, count: number, at: readonly number[]) => void,
): void {
  const engine = engineFor(cost);
  const floats = areas.reduce((sum, size) => sum + size, 0);
  const most = Math.max(1, Math.floor((CHUNK * threadsOf(engine)) / Math.max(1, floats)));
  const together = Math.min(heads, Math.max(most, threadsOf(engine)));
  const bytes = (WORDS + areas.reduce((sum, size) => sum + align(together * size), 0)) * 4;
  const job = reserve(engine, bytes) >> 2;
  const at = layOut(job + WORDS, together, areas);
  for (let first = 0; first < heads; first += together)
    run(engine, job, first, Math.min(together, heads - first), at);
}

export const attentionF32: typeof twins.attentionF32 = (out, operands, sizes) => {
  if (isWide(sizes)) {
    twins.attentionF32(out, operands, sizes);
    return;
  }
  const { queries, keys, features, columns } = sizes;
  const { query, key, value, mask } = operands;
  const heads = query.starts.length;
  const wide = padded(columns);
  const areas = [queries * features, keys * features, keys * columns, floatsOfMask(sizes, mask)];
  areas.push(queries * wide, queries, keys * wide);
  const masks = new MaskStage();
  const cost = heads * queries * keys * (features + columns);
  eachChunk(heads, cost, areas, (engine, job, first, count, at) => {
    const [q, k, v, m, y, logs, room] = at as [
      ...[number, number, number],
      ...[number, number, number, number],
    ];
    engine.i32.set(
      [
        ...place(stageHeads(engine, q, query, first, count, queries, features)),
        ...place(stageHeads(engine, k, key, first, count, keys, features)),
        ...place(stageHeads(engine, v, value, first, count, keys, columns)),
        ...masks.stage(engine, m, mask, first, count, sizes),
        ...[queries, keys, features, columns, Number(sizes.causal), 0],
        ...[y * 4, queries * wide * 4, logs * 4, queries * 4, room * 4, keys * wide * 4],
      ],
      job,
    );
    engine.f32[job + 17] = sizes.scale;
    parallel(engine, "attention", count, [job * 4]);
    unstage(engine, y, out.output, first * queries * columns, count * queries, columns);
    copyOut(engine, logs, out.logsumexp, first * queries, count * queries);
  });
};

export const attentionGradF32: typeof twins.attentionGradF32 = (out, operands, sizes) => {
  if (isWide(sizes)) {
    twins.attentionGradF32(out, operands, sizes);
    return;
  }
  const { queries, keys, features, columns } = sizes;
  const { query, key, value, mask, grad, output } = operands;
  const heads = query.starts.length;
  const [long, wide] = [padded(features), padded(columns)];
  const areas = [queries * features, keys * features, keys * columns, floatsOfMask(sizes, mask)];
  areas.push(queries * columns, queries * columns, queries, keys * long);
  areas.push(queries * long, keys * long, keys * wide);
  const masks = new MaskStage();
  const cost = 2.5 * heads * queries * keys * (features + columns);
  eachChunk(heads, cost, areas, (engine, job, first, count, at) => {
    const [q, k, v, m, g, y, logs, room, dq, dk, dv] = at as [
      ...[number, number, number, number, number, number],
      ...[number, number, number, number, number],
    ];
    copyIn(engine, logs, operands.logsumexp, first * queries, count * queries);
    engine.f32.fill(0, dq, dq + count * queries * long);
    engine.f32.fill(0, dk, dk + count * keys * long);
    engine.f32.fill(0, dv, dv + count * keys * wide);
    engine.i32.set(
      [
        ...place(stageHeads(engine, q, query, first, count, queries, features)),
        ...place(stageHeads(engine, k, key, first, count, keys, features)),
        ...place(stageHeads(engine, v, value, first, count, keys, columns)),
        ...masks.stage(engine, m, mask, first, count, sizes),
        ...[queries, keys, features, columns, Number(sizes.causal), 0],
        ...[0, 0, logs * 4, queries * 4, room * 4, keys * long * 4],
        ...place(stageHeads(engine, g, grad, first, count, queries, columns)),
        ...place(stageHeads(engine, y, output, first, count, queries, columns)),
        ...[dq * 4, queries * long * 4, dk * 4, keys * long * 4, dv * 4, keys * wide * 4],
      ],
      job,
    );
    engine.f32[job + 17] = sizes.scale;
    parallel(engine, "attentionGrad", count, [job * 4]);
    unstage(engine, dq, out.gradQuery, first * queries * features, count * queries, features);
    unstage(engine, dk, out.gradKey, first * keys * features, count * keys, features);
    unstage(engine, dv, out.gradValue, first * keys * columns, count * keys, columns);
  });
};
