// The bytes of a pickle, read forward: numbers, text, and how many bytes its values may take.
import { TorchFileError } from "../errors.ts";

/** Where a pickle stands, for messages, and what its values may take. */
export interface PickleContext {
  /** The function that the user called. */
  readonly op: string;
  readonly file: string;
  /** Where in the file the pickle begins. */
  readonly base: number;
  /** What is left of the memory that the file's values may take. */
  readonly budget: Budget;
}

/** Memory that is given out as values are made, estimated in bytes. */
export interface Budget {
  left: number;
  readonly limit: number;
}

/** The pickle goes on after the bytes that are there: more of them may help. */
export class TruncatedPickle extends TorchFileError {}

/** A cursor over a pickle. */
export class PickleReader {
  readonly context: PickleContext;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  /** Where the opcode under way begins. */
  #opcode = 0;
  #position = 0;

  constructor(context: PickleContext, bytes: Uint8Array) {
    this.context = context;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** How many bytes have been read. */
  get position(): number {
    return this.#position;
  }

  /** The next opcode. */
  opcode(): number {
    this.#opcode = this.#position;
    return this.uint8();
  }

  /** Throws about the opcode under way. */
  fail(problem: string, refused?: string): never {
    const { op, file, base } = this.context;
    throw new TorchFileError(op, file, base + this.#opcode, problem, { refused });
  }

  /** Counts bytes of a value that is made. */
  spend(byteLength: number): void {
    const { budget } = this.context;
    budget.left -= byteLength;
    if (budget.left < 0)
      this.fail(
        `its values take more memory than expected of a file of its size (${budget.limit} bytes)` +
          "\nHint: pass { memoryLimit } in bytes if you know where it comes from",
      );
  }

  uint8(): number {
    return this.#view.getUint8(this.#advance(1));
  }
  uint16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }
  uint32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }
  int32(): number {
    return this.#view.getInt32(this.#advance(4), true);
  }
  /** A length; one that no file has counts as the end of the bytes. */
  length64(): number {
    return Number(this.#view.getBigUint64(this.#advance(8), true));
  }
  /** A float; big-endian, as pickles have it. */
  float64(): number {
    return this.#view.getFloat64(this.#advance(8), false);
  }
  /** A view of the next bytes. */
  bytes(length: number): Uint8Array {
    const start = this.#advance(length);
    return this.#bytes.subarray(start, start + length);
  }
  /** UTF-8 text; Python lets half a surrogate pair through, and so do we. */
  text(length: number): string {
    this.spend(24 + 2 * length);
    const bytes = this.bytes(length);
    try {
      return utf8.decode(bytes);
    } catch {
      return decodeSurrogates(bytes) ?? this.fail("expected UTF-8 text");
    }
  }
  /** Text up to the end of a line. */
  line(): string {
    const end = this.#bytes.indexOf(10, this.#position);
    const limit = 1000;
    if (end < 0 && this.#bytes.length - this.#position < limit) this.#advance(limit);
    if (end < 0 || end - this.#position > limit)
      this.fail(`expected a name of at most ${limit} bytes`);
    const text = this.text(end - this.#position);
    this.#position = end + 1;
    return text;
  }
  /** An integer of any width, two's complement. */
  integer(length: number): number | bigint {
    if (length > 65536) this.fail(`expected an integer of at most 65536 bytes, received ${length}`);
    const bytes = this.bytes(length);
    if (length === 0) return 0;
    this.spend(16 + length);
    let digits = "";
    for (let i = length - 1; i >= 0; i--)
      digits += (bytes[i] as number).toString(16).padStart(2, "0");
    const value = BigInt.asIntN(8 * length, BigInt(`0x${digits}`));
    const plain = Number(value);
    return Number.isSafeInteger(plain) ? plain : value;
  }

  #advance(length: number): number {
    const start = this.#position;
    if (start + length > this.#bytes.length) {
      const { op, file, base } = this.context;
      const problem = `the pickle ends too early: expected ${length} more bytes, received ${this.#bytes.length - start}`;
      throw new TruncatedPickle(op, file, base + start, problem);
    }
    this.#position += length;
    return start;
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** UTF-8 in which halves of surrogate pairs stand for themselves; undefined if it is not that. */
function decodeSurrogates(bytes: Uint8Array): string | undefined {
  let text = "";
  let start = 0;
  try {
    for (let i = 0; i + 2 < bytes.length; i++) {
      // U+D800 to U+DFFF: ED A0..BF 80..BF
      const [lead, middle, last] = [bytes[i], bytes[i + 1] as number, bytes[i + 2] as number];
      if (lead !== 0xed || middle < 0xa0 || middle > 0xbf || (last & 0xc0) !== 0x80) continue;
      const unit = 0xd000 | ((middle & 0x3f) << 6) | (last & 0x3f);
      text += utf8.decode(bytes.subarray(start, i)) + String.fromCharCode(unit);
      start = i + 3;
      i += 2;
    }
    return text + utf8.decode(bytes.subarray(start));
  } catch {
    return undefined;
  }
}
