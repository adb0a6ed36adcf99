// A JavaScript value as a pickle whose tensors are storages by key: what torch.save writes.
import { type Storage, Tensor } from "@tead/tensor";
import { Op } from "./opcodes.ts";
import { PickleWriter } from "./pickle-writer.ts";
import { storageClass } from "./storage-types.ts";
import { maxDepth } from "./to-javascript.ts";
import { dictInfo, Float, parameterKey, Size, TorchDevice, TorchDType, Tuple } from "./values.ts";

/** A pickle, and the storages that it names: the first is "0". */
export interface Pickled {
  readonly bytes: Uint8Array;
  readonly storages: readonly Storage[];
}

/** @throws TypeError at the first thing that PyTorch's format cannot hold, naming its path. */
export function pickle(op: string, root: unknown): Pickled {
  return new Pickler(op).run(root);
}

class Pickler {
  readonly #op: string;
  readonly #out = new PickleWriter();
  /** Places in the memo of what may stand in several places. */
  readonly #memo = new Map<object, number>();
  readonly #open = new Set<object>();
  readonly #storages = new Map<Storage, string>();
  readonly #path: string[] = [];

  constructor(op: string) {
    this.#op = op;
  }

  run(root: unknown): Pickled {
    this.#value(root);
    return { bytes: this.#out.finish(), storages: [...this.#storages.keys()] };
  }

  #fail(received: string, hint?: string): never {
    const place = this.#path.length === 0 ? "the value" : this.#path.join(".");
    throw new TypeError(
      `${this.#op}: Cannot store ${place}: expected tensors, numbers, strings, booleans, null, arrays, ` +
        `records, Maps, Sets, Uint8Arrays and bigints, received ${received}` +
        (hint === undefined ? "" : `\nHint: ${hint}`),
    );
  }

  #value(value: unknown): void {
    const out = this.#out;
    if (value === null) out.op(Op.none);
    else if (typeof value === "boolean") out.op(value ? Op.newTrue : Op.newFalse);
    else if (typeof value === "string") out.text(value);
    else if (typeof value === "bigint") out.integer(value);
    // 1e300 is an integer, but Python wrote no such int.
    else if (Number.isSafeInteger(value) && !Object.is(value, -0)) out.integer(value as number);
    else if (typeof value === "number") out.float(value);
    else if (typeof value === "object") this.#shared(value);
    else this.#fail(value === undefined ? "undefined" : `a ${typeof value}`);
  }

  /** What may stand in several places: in the pickle it stands once. */
  #shared(value: object): void {
    const known = this.#memo.get(value);
    if (known !== undefined) {
      this.#out.recall(known);
      return;
    }
    if (this.#open.has(value)) this.#fail("an object that contains itself");
    if (this.#open.size > maxDepth) this.#fail(`values nested more than ${maxDepth} deep`);
    this.#open.add(value);
    this.#object(value);
    this.#open.delete(value);
    this.#memo.set(value, this.#out.memoize());
  }

  #object(value: object): void {
    if (value instanceof Tensor) this.#tensor(value);
    else if (value instanceof Float) this.#out.float(value.value);
    else if (value instanceof Uint8Array) this.#bytes(value);
    else if (value instanceof TorchDType) this.#out.global("torch", value.name);
    else if (value instanceof TorchDevice) this.#device(value);
    else if (value instanceof Size) this.#call("torch", "Size", [new Tuple(value)]);
    else if (value instanceof Tuple) this.#tuple(value);
    else if (Array.isArray(value)) this.#list(value);
    else if (value instanceof Set) this.#call("__builtin__", "set", [[...value]]);
    else if (value instanceof Map) this.#dict(value, value);
    else this.#record(value);
  }

  #device({ type, index }: TorchDevice): void {
    this.#call("torch", "device", index === undefined ? [type] : [type, index]);
  }

  #record(value: object): void {
    if (ArrayBuffer.isView(value))
      this.#fail(`a ${value.constructor.name}`, "save tensor(array) instead");
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
      const name = value.constructor?.name || "a class";
      this.#fail(`an instance of ${name}`, "save its stateDict() instead");
    }
    const { order } = dictInfo(value);
    const record = value as Readonly<Record<string, unknown>>;
    const ordered = order?.filter((key) => Object.hasOwn(value, key)) ?? [];
    // What was in order first, then what came later.
    const keys = new Set([...ordered, ...Object.keys(value)]);
    // A property that is undefined is left out, as JSON does.
    const entries = [...keys].map((key) => [key, record[key]] as const);
    this.#dict(
      value,
      entries.filter(([, each]) => each !== undefined),
    );
  }

  #at(key: string, write: () => void): void {
    this.#path.push(key);
    write();
    this.#path.pop();
  }

  #call(module: string, name: string, args: readonly unknown[]): void {
    this.#out.global(module, name);
    this.#tuple(args);
    this.#out.op(Op.reduce);
  }

  #tuple(items: readonly unknown[]): void {
    const short = [Op.emptyTuple, Op.tuple1, Op.tuple2, Op.tuple3][items.length];
    if (short === undefined) this.#out.op(Op.mark);
    for (const [i, item] of items.entries()) this.#at(String(i), () => this.#value(item));
    this.#out.op(short ?? Op.tuple);
  }

  #list(items: readonly unknown[]): void {
    this.#out.op(Op.emptyList);
    if (items.length === 0) return;
    this.#out.op(Op.mark);
    // Not forEach: a hole is an undefined, and is refused like one.
    for (let i = 0; i < items.length; i++) this.#at(String(i), () => this.#value(items[i]));
    this.#out.op(Op.appends);
  }

  #dict(value: object, entries: Iterable<readonly [unknown, unknown]>): void {
    const { kind, attributes } = dictInfo(value);
    if (kind === "Counter") {
      this.#call("collections", "Counter", [new Map(entries)]);
      return;
    }
    if (kind === "OrderedDict") this.#call("collections", "OrderedDict", []);
    else this.#out.op(Op.emptyDict);
    const list = [...entries];
    if (list.length > 0) {
      this.#out.op(Op.mark);
      for (const [key, each] of list)
        this.#at(typeof key === "object" ? "key" : String(key), () => {
          this.#key(key);
          this.#value(each);
        });
      this.#out.op(Op.setItems);
    }
    if (Object.keys(attributes).length === 0) return;
    this.#at("attributes", () => this.#value({ ...attributes }));
    this.#out.op(Op.build);
  }

  #key(key: unknown): void {
    const plain = key === null || typeof key !== "object";
    if (!plain && !(key instanceof Tuple) && !(key instanceof TorchDType))
      this.#fail("a key that Python cannot hash", "use strings, numbers or a Tuple as keys");
    this.#value(key);
  }

  /** Protocol 2 has no bytes: text in which each character is one. */
  #bytes(bytes: Uint8Array): void {
    let text = "";
    for (const byte of bytes) text += String.fromCharCode(byte);
    this.#call("_codecs", "encode", [text, "latin1"]);
  }

  #tensor(tensor: Tensor): void {
    const out = this.#out;
    const { requiresGrad } = tensor;
    const isParameter = (tensor as { [parameterKey]?: boolean })[parameterKey] === true;
    if (isParameter) {
      out.global("torch._utils", "_rebuild_parameter");
      out.op(Op.mark);
    }
    if (tensor.device.name === "meta") this.#metaTensor(tensor, requiresGrad && !isParameter);
    else this.#storedTensor(tensor, requiresGrad && !isParameter);
    if (!isParameter) return;
    this.#value(requiresGrad);
    this.#call("collections", "OrderedDict", []);
    out.op(Op.tuple);
    out.op(Op.reduce);
  }

  /** `_rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks)` */
  #storedTensor({ storage, offset, shape, strides }: Tensor, requiresGrad: boolean): void {
    const out = this.#out;
    out.global("torch._utils", "_rebuild_tensor_v2");
    out.op(Op.mark);
    this.#storage(storage);
    out.integer(offset);
    this.#tuple(shape);
    this.#tuple(strides);
    this.#value(requiresGrad);
    this.#call("collections", "OrderedDict", []);
    out.op(Op.tuple);
    out.op(Op.reduce);
  }

  #metaTensor({ dtype, shape, strides }: Tensor, requiresGrad: boolean): void {
    const args = [new TorchDType(dtype), new Tuple(shape), new Tuple(strides), requiresGrad];
    this.#call("torch._utils", "_rebuild_meta_tensor_no_storage", args);
  }

  /** The persistent id `("storage", class, key, location, count)`. */
  #storage(storage: Storage): void {
    const out = this.#out;
    const key = this.#storages.get(storage) ?? String(this.#storages.size);
    this.#storages.set(storage, key);
    out.op(Op.mark);
    out.text("storage");
    out.global("torch", storageClass(storage.dtype));
    out.text(key);
    // Where it lives is nothing that another machine has.
    out.text("cpu");
    out.integer(storage.count);
    out.op(Op.tuple);
    out.op(Op.binPersId);
  }
}
