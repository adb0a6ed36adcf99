// ParameterList and ParameterDict: parameters by index and by name.
import { type DType, Tensor } from "@tead/tensor";
import type { Member } from "../module/members.ts";
import { Module } from "../module/module.ts";
import { Parameter } from "../parameter.ts";
import { checkIndex } from "./check.ts";

/** A plain tensor becomes a parameter, as in PyTorch. */
function parameterOf(container: object, key: string, value: unknown): Parameter {
  if (value instanceof Parameter) return value;
  if (value instanceof Tensor) return new Parameter(value);
  throw new TypeError(
    `${container.constructor.name}: Cannot hold "${key}": expected a tensor, ` +
      `received ${value === null ? "null" : typeof value}`,
  );
}

/** PyTorch prints a list's dtypes, but the old names of a dict's types. */
const typeNames: Readonly<Partial<Record<DType, string>>> = {
  float32: "FloatTensor",
  float64: "DoubleTensor",
  float16: "HalfTensor",
  bfloat16: "BFloat16Tensor",
  int64: "LongTensor",
  int32: "IntTensor",
  int16: "ShortTensor",
  int8: "CharTensor",
  uint8: "ByteTensor",
  bool: "BoolTensor",
};
const described = (key: string, type: string | undefined, { shape }: Parameter): string =>
  `  (${key}): Parameter containing: [torch.${type} of size ${shape.join("x")}]`;

/**
 * Parameters by index, under the keys "0", "1", ...; a plain tensor becomes a parameter.
 *
 * @param parameters - The first parameters.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ParameterList.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Module, ParameterList } from "@tead/nn";
 * import { ones, setDefaultDevice, type Tensor } from "@tead/tensor";
 *
 * class Polynomial extends Module {
 *   readonly factors = new ParameterList([ones([1]), ones([1])]);
 *   override forward(x: Tensor): Tensor {
 *     let y = x.mul(0);
 *     for (const factor of this.factors) y = y.mul(x).add(factor);
 *     return y;
 *   }
 * }
 * setDefaultDevice(cpu());
 * assert.deepEqual(Object.keys(new Polynomial().stateDict()), ["factors.0", "factors.1"]);
 */
export class ParameterList extends Module<never, never> {
  private readonly held: Parameter[] = [];

  constructor(parameters: Iterable<Tensor> = []) {
    super();
    this.extend(parameters);
  }

  /** @internal */
  override members(): readonly Member[] {
    return [...super.members(), ...this.held.map((p, i): Member => [String(i), p])];
  }
  /** How many parameters it has. */
  get length(): number {
    return this.held.length;
  }
  /** The parameter at an index, counted from the end if negative. */
  at(index: number): Parameter {
    return this.held[checkIndex(this, index, this.length)] as Parameter;
  }
  /** Puts a parameter in the place of another. */
  set(index: number, parameter: Tensor): this {
    const position = checkIndex(this, index, this.length);
    this.held[position] = parameterOf(this, String(position), parameter);
    return this;
  }
  /** Adds a parameter at the end. */
  append(parameter: Tensor): this {
    return this.extend([parameter]);
  }
  /** Adds parameters at the end. */
  extend(parameters: Iterable<Tensor>): this {
    for (const parameter of [...parameters])
      this.held.push(parameterOf(this, String(this.length), parameter));
    return this;
  }
  /** Takes out the parameter at an index, the last one unless said, and gives it. */
  pop(index = -1): Parameter {
    return this.held.splice(checkIndex(this, index, this.length), 1)[0] as Parameter;
  }
  /** The parameters from `start` to before `end` as a list of their own; they are shared. */
  slice(start?: number, end?: number): ParameterList {
    return new ParameterList(this.held.slice(start, end));
  }
  /** The parameters, in order. */
  [Symbol.iterator](): IterableIterator<Parameter> {
    return this.held.values();
  }
  override extraRepr(): string {
    return this.held.map((p, i) => described(String(i), p.dtype, p)).join("\n");
  }
}

type Entries = Readonly<Record<string, Tensor>> | Iterable<readonly [string, Tensor]>;

/**
 * Parameters by name, in the order in which they were added. The names are the state-dict keys as
 * they stand; a plain tensor becomes a parameter.
 *
 * @param parameters - The first parameters: an object, or pairs such as a Map's.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ParameterDict.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { ParameterDict } from "@tead/nn";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const weights = new ParameterDict({ left: ones([5, 10]), right: ones([5, 10]) });
 * assert.deepEqual(Object.keys(weights.stateDict()), ["left", "right"]);
 */
export class ParameterDict extends Module<never, never> {
  private readonly held = new Map<string, Parameter>();

  constructor(parameters: Entries = {}) {
    super();
    this.update(parameters);
  }

  /** @internal */
  override members(): readonly Member[] {
    return [...super.members(), ...this.held];
  }
  /** How many parameters it has. */
  get size(): number {
    return this.held.size;
  }
  /** The parameter of a name. @throws RangeError if there is none; `has()` asks. */
  get(key: string): Parameter {
    const parameter = this.held.get(key);
    if (parameter === undefined)
      throw new RangeError(
        `ParameterDict: No parameter "${key}": expected one of ${[...this.held.keys()].join(", ")}`,
      );
    return parameter;
  }
  /** Whether there is a parameter under `key`. */
  has(key: string): boolean {
    return this.held.has(key);
  }
  /** Adds a parameter under a name, or puts it in the place of the one there. */
  set(key: string, parameter: Tensor): this {
    if (key === "" || key.includes("."))
      throw new RangeError(`ParameterDict: Cannot hold "${key}": expected a name without dots`);
    this.held.set(key, parameterOf(this, key, parameter));
    return this;
  }
  /** Adds several parameters, in order. */
  update(parameters: Entries): this {
    const entries = Symbol.iterator in parameters ? parameters : Object.entries(parameters);
    for (const [key, parameter] of entries as Iterable<readonly [string, Tensor]>)
      this.set(key, parameter);
    return this;
  }
  /** Takes out the parameter of a name and gives it. @throws RangeError if there is none. */
  pop(key: string): Parameter {
    const parameter = this.get(key);
    this.held.delete(key);
    return parameter;
  }
  /** Takes out the parameter of a name and says whether there was one. */
  delete(key: string): boolean {
    return this.held.delete(key);
  }
  /** Takes all parameters out. */
  clear(): void {
    this.held.clear();
  }
  /** The keys, in order. */
  keys(): IterableIterator<string> {
    return this.held.keys();
  }
  /** The parameters, in order. */
  values(): IterableIterator<Parameter> {
    return this.held.values();
  }
  /** Keys and parameters, in order. */
  entries(): IterableIterator<[string, Parameter]> {
    return this.held.entries();
  }
  /** Keys and parameters, in order. */
  [Symbol.iterator](): IterableIterator<[string, Parameter]> {
    return this.held.entries();
  }
  override extraRepr(): string {
    return [...this.held].map(([key, p]) => described(key, typeNames[p.dtype], p)).join("\n");
  }
}
