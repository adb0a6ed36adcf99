// Pickles that stand one after another in a file: how long each is, only reading it tells.
import { type OpenContext, refuse } from "./archive.ts";
import { TruncatedPickle } from "./pickle-reader.ts";
import { type PersistentLoad, unpickle } from "./unpickle.ts";

const firstWindow = 1 << 16;

/** A position in a file that pickles and numbers are read from. */
export class PickleStream {
  readonly #context: OpenContext;
  readonly #end: number;
  position: number;
  #window: Uint8Array = new Uint8Array();
  #windowStart = 0;

  constructor(context: OpenContext, start: number, end: number) {
    this.#context = context;
    this.position = start;
    this.#end = end;
  }

  /** The next pickle's value. */
  async pickle(persistentLoad: PersistentLoad = refuseIds): Promise<unknown> {
    const { op, source, budget } = this.#context;
    const before = budget.left;
    for (let size = firstWindow; ; size *= 2) {
      const start = this.position;
      const length = Math.min(size, this.#end - start);
      const bytes = await this.#read(start, length);
      try {
        const context = { op, file: source.name, base: start, budget };
        const unpickled = unpickle(context, bytes, persistentLoad);
        this.position += unpickled.length;
        return unpickled.value;
      } catch (error) {
        if (!(error instanceof TruncatedPickle) || length === this.#end - start) throw error;
        budget.left = before;
      }
    }
  }

  /** The next bytes, as a view. */
  async view(length: number): Promise<DataView> {
    const bytes = await this.#read(this.position, length);
    if (bytes.length < length)
      refuse(
        this.#context,
        this.position + bytes.length,
        `expected ${length - bytes.length} more bytes, received the end of the file`,
      );
    this.position += length;
    return new DataView(bytes.buffer, bytes.byteOffset, length);
  }

  /** Through a window, so that many small reads are few large ones. */
  async #read(start: number, length: number): Promise<Uint8Array> {
    const at = start - this.#windowStart;
    if (at >= 0 && at + length <= this.#window.length)
      return this.#window.subarray(at, at + length);
    const size = Math.min(Math.max(length, firstWindow), Math.max(0, this.#end - start));
    this.#window = await this.#context.source.read(start, size);
    this.#windowStart = start;
    return this.#window.subarray(0, length);
  }
}

const refuseIds: PersistentLoad = (_, reader) =>
  reader.fail("refused a persistent id: expected none in this pickle");
