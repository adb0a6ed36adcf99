// The bytes of a pickle of protocol 2, which every PyTorch reads, its weights_only reader included.
import { Op } from "./opcodes.ts";

/** Grows as opcodes are written. */
export class PickleWriter {
  #bytes = new Uint8Array(1 << 12);
  #length = 0;
  #memoized = 0;
  /** Strings and names that were written, by their place in the memo. */
  readonly #texts = new Map<string, number>();

  constructor() {
    this.op(Op.proto);
    this.op(2);
  }

  /** What was written, and the end of it. */
  finish(): Uint8Array {
    this.op(Op.stop);
    return this.#bytes.slice(0, this.#length);
  }

  /** One byte. */
  op(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = byte;
  }

  /** Puts what stands on the stack into the memo; `recall` takes it from there. */
  memoize(): number {
    const index = this.#memoized++;
    this.#indexed(Op.binPut, Op.longBinPut, index);
    return index;
  }
  recall(index: number): void {
    this.#indexed(Op.binGet, Op.longBinGet, index);
  }

  integer(value: number | bigint): void {
    if (value >= 0 && value < 256) {
      this.op(Op.binInt1);
      this.op(Number(value));
    } else if (value >= 0 && value < 65536) {
      this.op(Op.binInt2);
      this.#view(2).setUint16(0, Number(value), true);
    } else if (value >= -2147483648 && value <= 2147483647) {
      this.op(Op.binInt);
      this.#view(4).setInt32(0, Number(value), true);
    } else this.#long(BigInt(value));
  }
  float(value: number): void {
    this.op(Op.binFloat);
    this.#view(8).setFloat64(0, value, false);
  }
  text(value: string): void {
    if (this.#recallText(`"${value}`)) return;
    const bytes = encodeText(value);
    this.op(Op.binUnicode);
    this.#view(4).setUint32(0, bytes.length, true);
    this.#put(bytes);
    this.#texts.set(`"${value}`, this.memoize());
  }
  /** A function or class: `global("torch", "FloatStorage")`. */
  global(module: string, name: string): void {
    const line = `${module}\n${name}\n`;
    if (this.#recallText(line)) return;
    this.op(Op.global);
    this.#put(new TextEncoder().encode(line));
    this.#texts.set(line, this.memoize());
  }

  #recallText(key: string): boolean {
    const index = this.#texts.get(key);
    if (index !== undefined) this.recall(index);
    return index !== undefined;
  }
  /** Two's complement, little-endian, as few bytes as hold the sign. */
  #long(value: bigint): void {
    let length = 1;
    while (BigInt.asIntN(8 * length, value) !== value) length++;
    this.op(length < 256 ? Op.long1 : Op.long4);
    if (length < 256) this.op(length);
    else this.#view(4).setUint32(0, length, true);
    for (let i = 0; i < length; i++) this.op(Number((value >> BigInt(8 * i)) & 255n));
  }
  #indexed(short: number, long: number, index: number): void {
    this.op(index < 256 ? short : long);
    if (index < 256) this.op(index);
    else this.#view(4).setUint32(0, index, true);
  }
  #put(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }
  #view(length: number): DataView {
    this.#reserve(length);
    const view = new DataView(this.#bytes.buffer, this.#length, length);
    this.#length += length;
    return view;
  }
  #reserve(length: number): void {
    if (this.#length + length <= this.#bytes.length) return;
    const larger = new Uint8Array(2 * (this.#length + length));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}

/** UTF-8; half a surrogate pair as Python's "surrogatepass" has it. */
function encodeText(text: string): Uint8Array {
  const encoder = new TextEncoder();
  if (!/\p{Surrogate}/u.test(text)) return encoder.encode(text);
  const parts = [...text].map((c) => {
    const unit = c.charCodeAt(0);
    const alone = c.length === 1 && unit >= 0xd800 && unit <= 0xdfff;
    return alone
      ? Uint8Array.of(0xed, 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f))
      : encoder.encode(c);
  });
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
