// What becomes of a sound file in the torture runs: damage anywhere, and archives that lie.
import { Op } from "../../src/torch/opcodes.ts";
import { type ZipContent, zipParts } from "../../src/torch/zip-writer.ts";
import type { Draws } from "./random.ts";

/** A file for a reader to refuse or to read. */
export interface Mutant {
  readonly kind: string;
  readonly bytes: Uint8Array;
  /** Whether checksums are to find what is wrong: a load must then give the original's values. */
  readonly checked: boolean;
}

const joined = (parts: Iterable<Uint8Array>): Uint8Array =>
  Uint8Array.from(Buffer.concat([...parts]));
const isZip = (file: Uint8Array): boolean => file[0] === 0x50 && file[1] === 0x4b;
const extremes = [0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

type Damage = (file: Uint8Array, draws: Draws) => Uint8Array;

const damages: Readonly<Record<string, Damage>> = {
  "bit flips": (file, draws) => {
    const bytes = file.slice();
    for (let n = 1 + draws.below(8); n > 0; n--)
      bytes[draws.below(bytes.length)]! ^= 1 << draws.below(8);
    return bytes;
  },
  truncation: (file, draws) => file.slice(0, draws.below(file.length)),
  "random bytes": (file, draws) => {
    const bytes = file.slice();
    const length = 1 + draws.below(Math.min(40, file.length));
    bytes.set(draws.bytes(length), draws.below(bytes.length - length + 1));
    return bytes;
  },
  "a part removed": (file, draws) => {
    const start = draws.below(file.length);
    return joined([file.subarray(0, start), file.subarray(start + 1 + draws.below(100))]);
  },
  "a part twice": (file, draws) => {
    const start = draws.below(file.length);
    const part = file.subarray(start, start + 1 + draws.below(100));
    return joined([file.subarray(0, start), part, file.subarray(start)]);
  },
  "an extreme number": (file, draws) => {
    const bytes = Buffer.concat([file, new Uint8Array(8)]);
    const at = draws.below(file.length);
    const value = draws.pick(extremes);
    if (draws.below(3) === 0) bytes.writeUInt16LE(value & 0xffff, at);
    else if (draws.below(2) === 0) bytes.writeUInt32LE(value, at);
    else
      bytes.writeBigUInt64LE(draws.pick([0n, 1n << 31n, 1n << 53n, 1n << 63n, 2n ** 64n - 1n]), at);
    return Uint8Array.from(bytes.subarray(0, file.length));
  },
};

/** The entries of a sound archive, by its directory. */
export function entriesOf(file: Uint8Array): ZipContent[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const end = file.length - 22;
  let at = view.getUint32(end + 16, true);
  return Array.from({ length: view.getUint16(end + 10, true) }, () => {
    const nameLength = view.getUint16(at + 28, true);
    const name = Buffer.from(file.subarray(at + 46, at + 46 + nameLength)).toString();
    const header = view.getUint32(at + 42, true);
    const start =
      header + 30 + view.getUint16(header + 26, true) + view.getUint16(header + 28, true);
    const parts = [file.slice(start, start + view.getUint32(at + 24, true))];
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    return { name, parts };
  });
}

/** Damages one entry and gives the archive checksums that are right. */
function rewrapped(file: Uint8Array, draws: Draws, only?: RegExp): Uint8Array {
  const entries = entriesOf(file);
  const chosen = draws.pick(
    entries.filter(({ name, parts }) => (only?.test(name) ?? true) && parts[0]!.length > 0),
  );
  const damage = damages[draws.pick(Object.keys(damages))] as Damage;
  const contents = entries.map((entry) =>
    entry === chosen ? { ...entry, parts: [damage(entry.parts[0]!, draws)] } : entry,
  );
  return joined(zipParts(contents));
}

const someOpcodes = Object.values(Op);
const names = [
  "os\nsystem",
  "builtins\neval",
  "torch\nFloatStorage",
  "torch._utils\n_rebuild_tensor_v2",
  "collections\nOrderedDict",
  "torch\nSize",
  "_codecs\nencode",
  "torch.nn.parameter\nParameter",
];

/** A pickle of opcodes at random, most of which fit somewhere. */
function wildPickle(draws: Draws): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(0x80, 2)];
  for (let n = draws.below(300); n > 0; n--) {
    const opcode = draws.below(10) === 0 ? draws.below(256) : draws.pick(someOpcodes);
    if (opcode === Op.stop && draws.below(10) > 0) continue;
    parts.push(Uint8Array.of(opcode));
    if (opcode === Op.global) parts.push(Buffer.from(`${draws.pick(names)}\n`));
    else if (opcode === Op.binUnicode) parts.push(Uint8Array.of(3, 0, 0, 0, 97, 98, 99));
    else if (draws.below(3) === 0) parts.push(draws.bytes(draws.below(5)));
  }
  return joined([...parts, Uint8Array.of(Op.stop)]);
}

/** Many values of few bytes each: what they take is to be bounded. */
function hungryPickle(draws: Draws): Uint8Array {
  const opcode = draws.pick([
    Op.emptyList,
    Op.emptyDict,
    Op.none,
    Op.mark,
    Op.emptySet,
    Op.emptyTuple,
    Op.memoize,
  ]);
  const start = draws.pick([[Op.emptyDict], [Op.none, Op.binPut, 0], [Op.emptyList, Op.mark]]);
  const many = new Uint8Array(1 << (10 + draws.below(11))).fill(opcode);
  const end = draws.pick([[Op.stop], [Op.tuple, Op.stop], [Op.appends, Op.stop]]);
  return joined([Uint8Array.of(0x80, 4, ...start), many, Uint8Array.from(end)]);
}

/** Lists in lists, by memo: 2^n elements for whoever walks them all. */
function laughingPickle(draws: Draws): Uint8Array {
  const levels = 20 + draws.below(200);
  const bytes: number[] = [0x80, 2, Op.emptyList, Op.binPut, 0];
  for (let i = 0; i < levels; i++)
    bytes.push(Op.emptyList, Op.mark, Op.binGet, i, Op.binGet, i, Op.appends, Op.binPut, i + 1);
  return Uint8Array.from([...bytes, Op.stop]);
}

const wrapped = (pickled: Uint8Array): Uint8Array =>
  joined(
    zipParts([
      { name: "archive/data.pkl", parts: [pickled] },
      { name: "archive/data/0", parts: [new Uint8Array(64)] },
      { name: "archive/version", parts: [Buffer.from("3\n")] },
    ]),
  );

/** An archive whose directory names one entry a thousand times, or says that it is compressed. */
function bomb(file: Uint8Array, draws: Draws): Uint8Array {
  const end = file.length - 22;
  const view = new DataView(file.buffer, file.byteOffset);
  const start = view.getUint32(end + 16, true);
  const directory = file.slice(start, end);
  const record = file.slice(end);
  const changed = new DataView(record.buffer);
  if (draws.below(2) === 0) {
    new DataView(directory.buffer).setUint16(10, draws.pick([8, 9, 12, 93]), true);
    return joined([file.subarray(0, start), directory, record]);
  }
  const first = directory.subarray(0, 46 + new DataView(directory.buffer).getUint16(28, true));
  const copies = 2 + draws.below(3000);
  const many = Array.from({ length: copies }, (_, i) => {
    const copy = first.slice();
    if (draws.below(2) === 0) copy.set(Buffer.from(i.toString(36)), 46);
    return copy;
  });
  const count = draws.pick([copies, 0xffff]);
  changed.setUint16(8, count, true);
  changed.setUint16(10, count, true);
  changed.setUint32(12, copies * first.length, true);
  return joined([file.subarray(0, start), ...many, record]);
}

/** A header of safetensors that says it is longer than the file, or speaks of tensors beyond it. */
function hugeHeader(draws: Draws): Uint8Array {
  const shape = draws.pick([
    "[4294967296,4294967296]",
    "[1e308]",
    "[9007199254740991]",
    "[-1]",
    "[2]",
  ]);
  const end = draws.pick(["8", "1e15", "9007199254740993", "-8"]);
  const json = `{"a":{"dtype":"F32","shape":${shape},"data_offsets":[0,${end}]}}`;
  const length = draws.pick([
    BigInt(json.length),
    2n ** 26n,
    100_000_000n,
    2n ** 53n,
    2n ** 64n - 1n,
  ]);
  const head = Buffer.alloc(8);
  head.writeBigUInt64LE(length);
  return joined([head, Buffer.from(json), new Uint8Array(8)]);
}

/** One mutant of `file`, or of nothing. */
export function mutate(file: Uint8Array, draws: Draws): Mutant {
  const zip = isZip(file);
  const choice = draws.below(zip ? 12 : 7);
  if (choice < 6) {
    const kind = Object.keys(damages)[choice] as string;
    return { kind, bytes: (damages[kind] as Damage)(file, draws), checked: zip };
  }
  if (!zip) return { kind: "a huge header", bytes: hugeHeader(draws), checked: false };
  const makers: readonly (readonly [string, () => Uint8Array])[] = [
    ["a damaged pickle", () => rewrapped(file, draws, /data\.pkl$/)],
    ["a damaged entry", () => rewrapped(file, draws)],
    ["a wild pickle", () => wrapped(wildPickle(draws))],
    ["a hungry pickle", () => wrapped(hungryPickle(draws))],
    ["lists in lists", () => wrapped(laughingPickle(draws))],
    ["a zip bomb", () => bomb(file, draws)],
  ];
  const [kind, make] = makers[choice - 6] as (typeof makers)[number];
  return { kind, bytes: make(), checked: false };
}
