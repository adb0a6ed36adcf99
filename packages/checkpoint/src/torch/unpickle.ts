// A pickle machine that makes values and calls nothing: names stand for entries of an allow-list,
// everything else is refused. Formula of the opcodes: Python's pickletools.
import { type Allowed, isAllowed, lookUp, rebuild } from "./allow-list.ts";
import { describe } from "./describe.ts";
import { Op } from "./opcodes.ts";
import { type PickleContext, PickleReader } from "./pickle-reader.ts";
import { PythonDict } from "./python-dict.ts";
import { TorchDType, Tuple } from "./values.ts";

/** What a persistent id stands for: a storage, in every format of PyTorch's. */
export type PersistentLoad = (id: unknown, reader: PickleReader) => unknown;

/** A value and where its pickle ended. */
export interface Unpickled {
  readonly value: unknown;
  readonly length: number;
}

/** What values take in V8, with the slack that its arrays and tables grow by; measured. */
const cost = {
  /** A place on the stack beyond the most there were. */
  stack: 64,
  /** An entry of a list, of the memo, of a dict (which is a Map first, then a record), of a set. */
  item: 16,
  memo: 32,
  farMemo: 100,
  entry: 160,
  member: 60,
  list: 240,
  tuple: 100,
  dict: 500,
  set: 300,
  /** What a call makes: a tensor with its geometry. */
  call: 300,
} as const;

/**
 * Reads one pickle. Dicts come as {@link PythonDict}s, tensors as whatever the allow-list makes.
 *
 * @param context - Where it stands, and what its values may take.
 * @param bytes - From the first opcode on; more may follow the pickle.
 * @param persistentLoad - What persistent ids stand for.
 * @throws TorchFileError at the first thing that is damaged or not on the allow-list.
 */
export function unpickle(
  context: PickleContext,
  bytes: Uint8Array,
  persistentLoad: PersistentLoad,
): Unpickled {
  const machine = new Machine(new PickleReader(context, bytes), persistentLoad);
  return machine.run();
}

class Machine {
  readonly #reader: PickleReader;
  readonly #persistentLoad: PersistentLoad;
  readonly #stack: unknown[] = [];
  /** Where on the stack the open marks stand. */
  readonly #marks: number[] = [];
  /** The memo from 0 on, and what was put elsewhere: picklers count, hostile files jump. */
  readonly #memo: unknown[] = [];
  readonly #farMemo = new Map<number, unknown>();
  /** The most values that stood on the stack. */
  #height = 0;

  constructor(reader: PickleReader, persistentLoad: PersistentLoad) {
    this.#reader = reader;
    this.#persistentLoad = persistentLoad;
  }

  run(): Unpickled {
    const reader = this.#reader;
    for (;;) {
      const opcode = reader.opcode();
      if (opcode === Op.stop) return { value: this.#pop(), length: reader.position };
      if (!this.#scalar(opcode) && !this.#container(opcode) && !this.#stackOrMemo(opcode))
        if (!this.#named(opcode)) this.#unknown(opcode);
    }
  }

  /** Opcodes that push a value with no parts. */
  #scalar(opcode: number): boolean {
    const reader = this.#reader;
    switch (opcode) {
      case Op.none:
        return this.#push(null);
      case Op.newTrue:
        return this.#push(true);
      case Op.newFalse:
        return this.#push(false);
      case Op.binInt:
        return this.#push(reader.int32());
      case Op.binInt1:
        return this.#push(reader.uint8());
      case Op.binInt2:
        return this.#push(reader.uint16());
      case Op.long1:
        return this.#push(reader.integer(reader.uint8()));
      case Op.long4:
        return this.#push(reader.integer(reader.uint32()));
      case Op.binFloat:
        return this.#push(reader.float64());
      case Op.shortBinUnicode:
        return this.#push(reader.text(reader.uint8()));
      case Op.binUnicode:
        return this.#push(reader.text(reader.uint32()));
      case Op.binUnicode8:
        return this.#push(reader.text(reader.length64()));
      // Python 2's str: keys and names of files that it wrote.
      case Op.shortBinString:
        return this.#push(reader.text(reader.uint8()));
      case Op.binString:
        return this.#push(reader.text(reader.uint32()));
      case Op.shortBinBytes:
        return this.#pushBytes(reader.uint8());
      case Op.binBytes:
        return this.#pushBytes(reader.uint32());
      case Op.binBytes8:
      case Op.byteArray8:
        return this.#pushBytes(reader.length64());
      default:
        return false;
    }
  }

  /** Opcodes that make containers and fill them. */
  #container(opcode: number): boolean {
    switch (opcode) {
      case Op.emptyList:
        return this.#pushNew([], cost.list);
      case Op.emptyDict:
        return this.#pushNew(new PythonDict("dict"), cost.dict);
      case Op.emptySet:
        return this.#pushNew(new Set(), cost.set);
      case Op.emptyTuple:
        return this.#pushTuple([]);
      case Op.tuple:
        return this.#pushTuple(this.#popMark());
      case Op.tuple1:
        return this.#pushTuple(this.#popMany(1));
      case Op.tuple2:
        return this.#pushTuple(this.#popMany(2));
      case Op.tuple3:
        return this.#pushTuple(this.#popMany(3));
      case Op.list:
        return this.#pushList(this.#popMark());
      case Op.dict: {
        const items = this.#popMark();
        this.#pushNew(new PythonDict("dict"), cost.dict);
        return this.#setItems(items);
      }
      case Op.append:
        return this.#append(this.#popMany(1));
      case Op.appends:
        return this.#append(this.#popMark());
      case Op.setItem:
        return this.#setItems(this.#popMany(2));
      case Op.setItems:
        return this.#setItems(this.#popMark());
      case Op.addItems:
        return this.#addItems(this.#popMark());
      default:
        return false;
    }
  }

  #stackOrMemo(opcode: number): boolean {
    const reader = this.#reader;
    switch (opcode) {
      case Op.mark:
        reader.spend(cost.stack);
        this.#marks.push(this.#stack.length);
        return true;
      case Op.pop:
        // After a mark with nothing on it, the mark goes.
        if (this.#stack.length === this.#marks.at(-1)) this.#marks.pop();
        else this.#pop();
        return true;
      case Op.popMark:
        this.#popMark();
        return true;
      case Op.dup:
        return this.#push(this.#top());
      case Op.binGet:
        return this.#get(reader.uint8());
      case Op.longBinGet:
        return this.#get(reader.uint32());
      case Op.binPut:
        return this.#put(reader.uint8());
      case Op.longBinPut:
        return this.#put(reader.uint32());
      case Op.memoize:
        return this.#put(this.#memo.length);
      case Op.proto: {
        const version = reader.uint8();
        if (version > 5) reader.fail(`expected a pickle of protocol 2 to 5, received ${version}`);
        return true;
      }
      case Op.frame:
        reader.length64();
        return true;
      default:
        return false;
    }
  }

  /** Opcodes that name something of Python's: where a pickle would run code. */
  #named(opcode: number): boolean {
    const reader = this.#reader;
    switch (opcode) {
      case Op.global: {
        const module = reader.line();
        return this.#push(lookUp(`${module}.${reader.line()}`, reader));
      }
      case Op.stackGlobal: {
        const [module, name] = this.#popMany(2);
        if (typeof module !== "string" || typeof name !== "string")
          return reader.fail("expected the name of a class as two strings");
        return this.#push(lookUp(`${module}.${name}`, reader));
      }
      case Op.binPersId:
        return this.#push(this.#persistentLoad(this.#pop(), reader));
      case Op.reduce:
      case Op.newObj: {
        const [callee, args] = this.#popMany(2);
        if (!(args instanceof Tuple))
          return reader.fail(`expected arguments as a tuple, received ${describe(args)}`);
        reader.spend(cost.call);
        return this.#push(rebuild(this.#allowed(callee), args, reader));
      }
      case Op.build: {
        const [state] = this.#popMany(1);
        const target = this.#top();
        if (
          !(target instanceof PythonDict && target.kind !== "dict" && state instanceof PythonDict)
        )
          return reader.fail(
            `refused to set the state of ${describe(target)}: expected that of an OrderedDict`,
          );
        target.attributes = state;
        return true;
      }
      default:
        return false;
    }
  }

  #allowed(callee: unknown): Allowed {
    if (isAllowed(callee)) return callee;
    return this.#reader.fail(
      `refused to call ${describe(callee)}: expected one of the functions that rebuild tensors`,
    );
  }

  #unknown(opcode: number): never {
    const code = `0x${opcode.toString(16).padStart(2, "0")}`;
    return this.#reader.fail(
      `refused the pickle opcode ${code}: expected those that torch.save writes`,
    );
  }

  #push(value: unknown): true {
    const length = this.#stack.push(value);
    if (length > this.#height) {
      this.#height = length;
      this.#reader.spend(cost.stack);
    }
    return true;
  }
  #pushNew(container: object, byteLength: number): true {
    this.#reader.spend(byteLength);
    return this.#push(container);
  }
  #pushList(items: unknown[]): true {
    return this.#pushNew(items, cost.list + cost.item * items.length);
  }
  #pushTuple(items: unknown[]): true {
    this.#reader.spend(cost.tuple + cost.item * items.length);
    // Not new Tuple(items): an array that grows by push has slack, which many tuples have no use for.
    return this.#push(Object.setPrototypeOf(items, Tuple.prototype));
  }
  #pushBytes(length: number): true {
    const bytes = this.#reader.bytes(length);
    this.#reader.spend(cost.call + length);
    return this.#push(bytes.slice());
  }

  #pop(): unknown {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0))
      this.#reader.fail("expected a value on the pickle's stack, received none");
    return this.#stack.pop();
  }
  #popMany(count: number): unknown[] {
    if (this.#stack.length - count < (this.#marks.at(-1) ?? 0))
      this.#reader.fail(`expected ${count} values on the pickle's stack, received fewer`);
    return this.#stack.splice(this.#stack.length - count);
  }
  #popMark(): unknown[] {
    const mark = this.#marks.pop();
    if (mark === undefined)
      return this.#reader.fail("expected a mark on the pickle's stack, received none");
    return this.#stack.splice(mark);
  }
  #top(): unknown {
    const value = this.#pop();
    this.#stack.push(value);
    return value;
  }

  #get(index: number): true {
    const value = index < this.#memo.length ? this.#memo[index] : this.#farMemo.get(index);
    if (value === undefined)
      this.#reader.fail(`expected a value under ${index} in the pickle's memo, received none`);
    return this.#push(value);
  }
  #put(index: number): true {
    const value = this.#top();
    if (index <= this.#memo.length) {
      if (index === this.#memo.length) this.#reader.spend(cost.memo);
      this.#memo[index] = value;
    } else {
      if (!this.#farMemo.has(index)) this.#reader.spend(cost.farMemo);
      this.#farMemo.set(index, value);
    }
    return true;
  }

  #append(items: readonly unknown[]): true {
    const list = this.#top();
    // A tuple is an array to JavaScript, but not to Python.
    if (!Array.isArray(list) || list instanceof Tuple)
      return this.#reader.fail(`expected a list to append to, received ${describe(list)}`);
    this.#reader.spend(cost.item * items.length);
    // By index: iterators make garbage that long lists would fill the memory with.
    for (let i = 0; i < items.length; i++) list.push(items[i]);
    return true;
  }
  #setItems(items: readonly unknown[]): true {
    const dict = this.#top();
    if (!(dict instanceof PythonDict))
      return this.#reader.fail(`expected a dict to put items into, received ${describe(dict)}`);
    if (items.length % 2 === 1)
      this.#reader.fail("expected a value for each key, received a key alone");
    this.#reader.spend((cost.entry * items.length) / 2);
    for (let i = 0; i < items.length; i += 2) dict.set(this.#hashable(items[i]), items[i + 1]);
    return true;
  }
  #addItems(items: readonly unknown[]): true {
    const set = this.#top();
    if (!(set instanceof Set))
      return this.#reader.fail(`expected a set to add to, received ${describe(set)}`);
    this.#reader.spend(cost.member * items.length);
    for (const item of items) set.add(this.#hashable(item));
    return true;
  }
  /** What Python takes as a key. */
  #hashable(key: unknown): unknown {
    const plain = key === null || typeof key !== "object";
    if (plain || key instanceof Tuple || key instanceof TorchDType || key instanceof Uint8Array)
      return key;
    return this.#reader.fail(`expected a key that can be hashed, received ${describe(key)}`);
  }
}
