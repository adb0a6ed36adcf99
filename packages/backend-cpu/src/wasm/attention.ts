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
/** Words of a job, as the class in assembly/attention.ts lays them out, and its tables of addresses. */
const WORDS = 48;
const TABLES = 9;
const KEPT_SCALE = 9;
const SCALE = 15;

const align = (floats: number): number => (floats + 31) & ~15;
const padded = (size: number): number => (size + 7) & ~7;

/** How heads lie in scratch memory: `together` side by side in a row, the rows `width` floats long for each. */
interface Layout {
  readonly together: number;
  readonly width: number;
}

/** How many heads from `first` on lie side by side in whole rows, groups of them one after the other; 1 where none do. */
function sideBySide({ starts, row }: Heads, first: number, count: number, columns: number): number {
  let together = 1;
  while (
    together < count &&
    starts[first + together] === (starts[first] as number) + together * columns &&
    row >= (together + 1) * columns
  )
    together++;
  if (count % together !== 0) return 1;
  for (let i = 1; i < count; i++)
    if (i % together !== 0 && starts[first + i] !== (starts[first + i - 1] as number) + columns)
      return 1;
  return together;
}

/** Where head `i` of a chunk begins, in floats from the first. */
const placeOf = ({ together, width }: Layout, rows: number, i: number): number =>
  (Math.floor(i / together) * rows * together + (i % together)) * width;

/** Calls `copy` for pieces of heads [first, first + count), which lie in scratch memory and in their array as they do. */
function eachPiece(
  { starts, row }: Heads,
  [first, count, rows, columns]: Part,
  layout: Layout,
  copy: (inScratch: number, inArray: number, length: number) => void,
): void {
  const { together, width } = layout;
  const length = together * columns;
  for (let i = 0; i < count; i += together) {
    const to = placeOf(layout, rows, i);
    const from = starts[first + i] as number;
    if (row === length && width === columns) copy(to, from, rows * length);
    else for (let r = 0; r < rows; r++) copy(to + r * together * width, from + r * row, length);
  }
}

type Part = readonly [first: number, count: number, rows: number, columns: number];

/** Writes words of the job and tables, one after the other. */
class Job {
  readonly #engine: Engine;
  readonly #table: number;
  readonly #size: number;
  #tables = 0;
  readonly words: number[] = [];

  constructor(engine: Engine, table: number, size: number) {
    this.#engine = engine;
    this.#table = table;
    this.#size = size;
  }

  /** The address of a table of each head's address. */
  table(count: number, floatOf: (i: number) => number): number {
    const at = this.#table + this.#tables++ * this.#size;
    for (let i = 0; i < count; i++) this.#engine.i32[at + i] = floatOf(i) * 4;
    return at * 4;
  }

  /** Brings heads in, and says where they are. */
  operand(at: number, heads: Heads, part: Part): void {
    const [first, count, rows, columns] = part;
    const layout = { together: sideBySide(heads, first, count, columns), width: columns };
    eachPiece(heads, part, layout, (to, from, length) =>
      copyIn(this.#engine, at + to, heads.data, from, length),
    );
    this.#place(at, layout, part, rows);
  }

  /** Says where heads go, whose rows are padded to whole panels; the function brings them out. */
  result(at: number, heads: Heads, part: Part): () => void {
    const [first, count, rows, columns] = part;
    const width = padded(columns);
    const together = width === columns ? sideBySide(heads, first, count, columns) : 1;
    this.#place(at, { together, width }, part, rows);
    return () =>
      eachPiece(heads, part, { together, width }, (from, to, length) =>
        copyOut(this.#engine, at + from, heads.data, to, length),
      );
  }

  #place(at: number, layout: Layout, [, count]: Part, rows: number): void {
    const table = this.table(count, (i) => at + placeOf(layout, rows, i));
    this.words.push(table, layout.together * layout.width * 4);
  }
}

/** Brings the bytes of some heads in, dense; their address. */
function stageKept(
  engine: Engine,
  at: number,
  kept: twins.KeptWeights | undefined,
  [first, count]: Part,
  { queries, keys }: Sizes,
): number {
  if (kept === undefined) return 0;
  const [from, bytes] = [first * queries * keys, count * queries * keys];
  const memory = new Uint8Array(engine.memory.buffer);
  memory.set(kept.data.subarray(from, from + bytes), at * 4);
  return at * 4;
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

/** Brings masks in, and says where the heads' lie; what is there already stays. */
class MaskStage {
  #held = -1;
  stage(
    engine: Engine,
    job: Job,
    at: number,
    mask: twins.ScoreMask | undefined,
    [first, count]: Part,
    sizes: Sizes,
  ): void {
    if (mask === undefined) {
      job.words.push(0, 0);
      return;
    }
    const size = floatsOfMask(sizes, mask);
    const panel = mask.row === 0 ? 0 : sizes.keys * 32;
    if (isShared(mask, first, first, count)) {
      if (this.#held < 0 || mask.starts[this.#held] !== mask.starts[first])
        stageMask(engine, at, mask, first, sizes);
      this.#held = first;
      job.words.push(
        job.table(count, () => at),
        panel,
      );
      return;
    }
    this.#held = -1;
    for (let i = 0; i < count; i++) stageMask(engine, at + i * size, mask, first + i, sizes);
    job.words.push(
      job.table(count, (i) => at + i * size),
      panel,
    );
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

const isWide = ({ features, columns }: Sizes): boolean =>
  features > MOST_COLUMNS || columns > MOST_COLUMNS;

/** Floats that the bytes of a head's kept weights take. */
const floatsOfKept = ({ queries, keys }: Sizes, kept: twins.KeptWeights | undefined): number =>
  kept === undefined ? 0 : Math.ceil((queries * keys) / 4);

/** Calls `run` for some heads at a time, with the areas of scratch memory that they have. */
function eachChunk(
  query: Heads,
  sizes: Sizes,
  cost: number,
  areas: readonly number[],
  run: (engine: Engine, job: Job, address: number, part: Part, at: readonly number[]) => void,
): void {
  const heads = query.starts.length;
  const engine = engineFor(cost * heads * sizes.queries * sizes.keys);
  const floats = areas.reduce((sum, size) => sum + size, 0);
  const most = Math.max(1, Math.floor((CHUNK * threadsOf(engine)) / Math.max(1, floats)));
  const wanted = Math.min(heads, Math.max(most, threadsOf(engine)));
  // Whole groups of heads that lie side by side.
  const group = sideBySide(query, 0, heads, sizes.features);
  const together = wanted > group ? wanted - (wanted % group) : wanted;
  const table = WORDS + align(TABLES * together);
  const bytes = (table + areas.reduce((sum, size) => sum + align(together * size), 0)) * 4;
  const words = reserve(engine, bytes) >> 2;
  const at = layOut(words + table, together, areas);
  for (let first = 0; first < heads; first += together) {
    const job = new Job(engine, words + WORDS, together);
    const part: Part = [first, Math.min(together, heads - first), sizes.queries, sizes.features];
    run(engine, job, words * 4, part, at);
  }
}

/** The words that the forward and the gradient have alike, operands brought in. */
function stageOperands(
  engine: Engine,
  job: Job,
  masks: MaskStage,
  { query, key, value, mask, kept }: twins.AttentionIn,
  sizes: Sizes,
  [first, count]: Part,
  [q, k, v, m, bytes]: readonly number[],
): void {
  const { queries, keys, features, columns } = sizes;
  job.operand(q as number, query, [first, count, queries, features]);
  job.operand(k as number, key, [first, count, keys, features]);
  job.operand(v as number, value, [first, count, keys, columns]);
  masks.stage(engine, job, m as number, mask, [first, count, 0, 0], sizes);
  job.words.push(stageKept(engine, bytes as number, kept, [first, count, 0, 0], sizes), 0);
  job.words.push(queries, keys, features, columns, Number(sizes.causal), 0);
}

/** Writes the job and runs a task for each head. */
function runJob(
  engine: Engine,
  kernel: "attention" | "attentionGrad",
  { words }: Job,
  address: number,
  count: number,
  sizes: Sizes,
  kept: twins.KeptWeights | undefined,
): void {
  engine.i32.set(words, address >> 2);
  engine.f32[(address >> 2) + KEPT_SCALE] = kept?.scale ?? 1;
  engine.f32[(address >> 2) + SCALE] = sizes.scale;
  parallel(engine, kernel, count, [address]);
}

export const attentionF32: typeof twins.attentionF32 = (out, operands, sizes) => {
  if (isWide(sizes)) {
    twins.attentionF32(out, operands, sizes);
    return;
  }
  const { queries, keys, features, columns } = sizes;
  const { query, mask, kept } = operands;
  const wide = padded(columns);
  const areas = [queries * features, keys * features, keys * columns, floatsOfMask(sizes, mask)];
  areas.push(floatsOfKept(sizes, kept), queries * wide, queries, keys * wide);
  const masks = new MaskStage();
  eachChunk(query, sizes, features + columns, areas, (engine, job, address, part, at) => {
    const [first, count] = part;
    const [y, logs, room] = at.slice(5) as [number, number, number];
    stageOperands(engine, job, masks, operands, sizes, part, at);
    const bringOut = job.result(y, out.output, [first, count, queries, columns]);
    job.words.push(logs * 4, room * 4, keys * wide * 4);
    runJob(engine, "attention", job, address, count, sizes, kept);
    bringOut();
    copyOut(engine, logs, out.logsumexp, first * queries, count * queries);
  });
};

export const attentionGradF32: typeof twins.attentionGradF32 = (out, operands, sizes) => {
  if (isWide(sizes)) {
    twins.attentionGradF32(out, operands, sizes);
    return;
  }
  const { queries, keys, features, columns } = sizes;
  const { query, mask, kept, grad, output, logsumexp } = operands;
  const [long, wide] = [padded(features), padded(columns)];
  const areas = [queries * features, keys * features, keys * columns, floatsOfMask(sizes, mask)];
  areas.push(floatsOfKept(sizes, kept), queries * columns, queries * columns, queries);
  areas.push(keys * long, queries * long, keys * long, keys * wide);
  const masks = new MaskStage();
  eachChunk(query, sizes, 2.5 * (features + columns), areas, (engine, job, address, part, at) => {
    const [first, count] = part;
    const [g, y, logs, room, dq, dk, dv] = at.slice(5) as [
      ...[number, number, number, number],
      ...[number, number, number],
    ];
    stageOperands(engine, job, masks, operands, sizes, part, at);
    copyIn(engine, logs, logsumexp, first * queries, count * queries);
    job.words.push(0, 0, logs * 4, room * 4, keys * long * 4);
    job.operand(g, grad, [first, count, queries, columns]);
    job.operand(y, output, [first, count, queries, columns]);
    engine.f32.fill(0, dq, dq + count * queries * long);
    engine.f32.fill(0, dk, dk + count * keys * long);
    engine.f32.fill(0, dv, dv + count * keys * wide);
    const bringOut = [
      job.result(dq, out.gradQuery, [first, count, queries, features]),
      job.result(dk, out.gradKey, [first, count, keys, features]),
      job.result(dv, out.gradValue, [first, count, keys, columns]),
    ];
    runJob(engine, "attentionGrad", job, address, count, sizes, kept);
    for (const each of bringOut) each();
  });
};
