// Packed or transformed weights that stay in WebAssembly memory from call to call, until their buffer is written or freed:
// docs/decisions/0010-packed-weights.md. Knows nothing of layouts: those who pack say what they need.
import { type Engine, reserve } from "./engine.ts";

/** Smaller ones are packed anew: looking them up would cost as much. */
const FEWEST_BYTES = 16384;
/** Buffers of fewer elements never own packed weights, so that writes to them need no look-up. */
const FEWEST_ELEMENTS = 1024;

let limit = 256 * 2 ** 20;

/**
 * Sets how many bytes of packed weights may be kept, in each of the two memories of WebAssembly (one thread's and the shared one). A
 * convolution whose weight has not changed since the last call then need not pack or transform it again: 256 MB unless set, enough
 * for any ResNet. Weights of a model that needs more are kept as far as there is room. Memory that was taken already is used
 * for other weights, but not given back.
 * @param bytes - 0: nothing is kept
 * @throws RangeError for a negative number or NaN
 * @example
 * import { setPackedWeightsLimit } from "@tead/backend-cpu";
 * setPackedWeightsLimit(64 * 2 ** 20);
 */
export function setPackedWeightsLimit(bytes: number): void {
  if (!(bytes >= 0))
    throw new RangeError(
      `setPackedWeightsLimit: Cannot keep ${bytes} bytes: expected a number from 0 on`,
    );
  limit = bytes;
}

/** Bytes of packed weights kept in an engine's memory. */
export function packedWeightsBytes(engine: Engine): number {
  let bytes = 0;
  for (const form of arenaOf(engine).forms) bytes += form.bytes;
  return bytes;
}

/** Counts look-ups: the time by which uses are compared. */
let clock = 0;

/** The buffer that a weight lies in. */
export interface Owner {
  readonly length: number;
}

/** A place in an engine's memory for one packed form of one weight. */
export interface Packed {
  readonly address: number;
  /** Whether it is there already. Who asks for it packs it otherwise, and says so. */
  ready: boolean;
}

/** One form of a weight, from the first time that it was asked for. */
class Form implements Packed {
  readonly arena: Arena;
  readonly bytes: number;
  /** When it was asked for last. */
  used: number = clock;
  address = 0;
  ready = false;
  constructor(arena: Arena, bytes: number) {
    this.arena = arena;
    this.bytes = bytes;
  }

  /** Gives the place back, if it has one. */
  drop(): void {
    if (this.arena.forms.delete(this)) this.arena.give(this.address, this.bytes);
    this.ready = false;
  }
}

interface Gap {
  start: number;
  end: number;
}

let arenaCount = 0;

/** The part of an engine's memory that holds packed weights. It grows at its end, `engine.base`, and never shrinks. */
class Arena {
  /** Tells its forms from those of the same weight in another memory. */
  readonly number: number = arenaCount++;
  readonly forms = new Set<Form>();
  #gaps: Gap[] = [];
  #bytes = 0;

  /** A place of so many bytes, or undefined where none is left. */
  take(engine: Engine, bytes: number): number | undefined {
    const gap = this.#gaps.find(({ start, end }) => end - start >= bytes);
    if (gap !== undefined) {
      gap.start += bytes;
      return gap.start - bytes;
    }
    if (this.#bytes + bytes > limit) return undefined;
    try {
      reserve(engine, bytes);
    } catch {
      return undefined;
    }
    const address = engine.base;
    engine.base += bytes;
    this.#bytes += bytes;
    return address;
  }

  /** Takes a place back and joins it with its free neighbours. */
  give(start: number, bytes: number): void {
    const gaps = [...this.#gaps, { start, end: start + bytes }];
    this.#gaps = [];
    for (const gap of gaps.sort((a, b) => a.start - b.start)) {
      const last = this.#gaps.at(-1);
      if (last?.end === gap.start) last.end = gap.end;
      else if (gap.end > gap.start) this.#gaps.push(gap);
    }
  }
}

const arenas = new WeakMap<Engine, Arena>();
const arenaOf = (engine: Engine): Arena => {
  let arena = arenas.get(engine);
  if (arena === undefined) {
    arena = new Arena();
    arenas.set(engine, arena);
  }
  return arena;
};

/** What has been asked of a buffer since it was written last. */
class Forms extends Map<string, Form> {
  /** Whether the collector tells when the buffer goes. */
  watched = false;
  drop(): void {
    for (const form of this.values()) form.drop();
  }
}
const known = new WeakMap<object, Forms>();
let start: (() => void) | undefined;
/** Whether what the kernel under way writes is noted. */
let isNoted = true;

/** Has `begin` called before the first weight is packed: until then nothing has to be forgotten. */
export function beforePacking(begin: () => void): void {
  start = begin;
  isNoted = false;
}

/** Runs a kernel whose writes are noted: others pack nothing, as those of a table that was copied before. */
export function noted<C>(kernel: (call: C) => void, call: C): void {
  const before = isNoted;
  isNoted = true;
  try {
    kernel(call);
  } finally {
    isNoted = before;
  }
}

const collected = new FinalizationRegistry<Forms>((forms) => forms.drop());

/** A place for a form; where need be that of forms which nobody has asked for since `since`. */
const place = (engine: Engine, { arena, bytes }: Form, since: number): number | undefined => {
  let address = arena.take(engine, bytes);
  if (address !== undefined) return address;
  const idle = [...arena.forms].filter(({ used }) => used < since).sort((a, b) => a.used - b.used);
  for (const form of idle) {
    form.drop();
    address = arena.take(engine, bytes);
    if (address !== undefined) return address;
  }
  return undefined;
};

/**
 * The form `key` of a weight, `bytes` long, that lies in the buffer `owner`; undefined where it should be packed for this call
 * alone: the first time since the buffer was written (in training, always), for small ones, and where no room is left. The
 * key names all that the packed bytes depend on beside the buffer's contents.
 */
export function packedWeight(
  engine: Engine,
  owner: Owner | undefined,
  key: string,
  bytes: number,
): Packed | undefined {
  if (owner === undefined || owner.length < FEWEST_ELEMENTS) return undefined;
  if (bytes < FEWEST_BYTES || bytes > limit) return undefined;
  start?.();
  start = undefined;
  if (!isNoted) return undefined;
  const arena = arenaOf(engine);
  clock++;
  let forms = known.get(owner);
  if (forms === undefined) {
    forms = new Forms();
    known.set(owner, forms);
  }
  const name = `${arena.number} ${key}`;
  const form = forms.get(name);
  if (form === undefined) {
    forms.set(name, new Form(arena, (bytes + 63) & ~63));
    return undefined;
  }
  const since = form.used;
  form.used = clock;
  if (arena.forms.has(form)) return form;
  const address = place(engine, form, since);
  if (address === undefined) return undefined;
  form.address = address;
  arena.forms.add(form);
  if (!forms.watched) collected.register(owner, forms, forms);
  forms.watched = true;
  return form;
}

/** Forgets what was packed of a buffer: called after every write, and when it is freed. */
export function forgetPacked(owner: Owner): void {
  if (owner.length < FEWEST_ELEMENTS) return;
  const forms = known.get(owner);
  if (forms === undefined) return;
  known.delete(owner);
  if (forms.watched) collected.unregister(forms);
  forms.drop();
}
