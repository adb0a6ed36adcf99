// Module: what every layer, loss and network is.
import {
  type Backend,
  type DType,
  DTypeError,
  type HookHandle,
  isFloat,
  type LikeOptions,
  noGrad,
  StateError,
  type Tensor,
} from "@tead/tensor";
import { ModuleBuffer, Parameter, replaceContents } from "../parameter.ts";
import {
  type BackwardHook,
  type BackwardPreHook,
  registerBackwardHook,
  registerBackwardPreHook,
} from "./backward-hook.ts";
import { deepCopyOf } from "./deep-copy.ts";
import { describeModule } from "./describe.ts";
import {
  addHook,
  type ForwardHookOptions,
  type Hook,
  type HookOptions,
  noteClass,
  type PreHook,
} from "./hooks.ts";
import {
  fieldMembers,
  type Member,
  type NamedOptions,
  namedModules,
  namedTensors,
} from "./members.ts";
import { define, setSubmodule, submodule, tensorAt } from "./registry.ts";
import {
  type LoadOptions,
  type LoadResult,
  loadInto,
  type StateDict,
  type StateDictOptions,
  stateDictOf,
} from "./state-dict.ts";
import {
  addStateHook,
  type LoadStateDictPostHook,
  type LoadStateDictPreHook,
  type StateDictHook,
  type StateDictPreHook,
} from "./state-hooks.ts";

/** A module, whatever its `forward` takes and gives. */
export type AnyModule = Module<never, unknown>;
/** A module from one tensor to one tensor: what `Sequential` takes. */
export type Layer = Module;

const isModule = (value: unknown): value is AnyModule => value instanceof Module;
const isParameter = (value: unknown): value is Parameter => value instanceof Parameter;
const isBuffer = (value: unknown): value is ModuleBuffer => value instanceof ModuleBuffer;

/**
 * The base of all layers, losses and networks. You write `forward` and you call `forward`;
 * parameters, buffers and children are the module's own fields, found in the order you define
 * them. A field that begins with `#` is not seen.
 *
 * The two type parameters say what `forward` takes and gives: one tensor each unless said.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Module.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Linear, Module, Parameter } from "@tead/nn";
 * import { ones, setDefaultDevice, type Tensor } from "@tead/tensor";
 *
 * class Bilinear extends Module<[left: Tensor, right: Tensor]> {
 *   readonly scale = new Parameter(ones([2]));
 *   readonly left = new Linear(3, 2);
 *   readonly right = new Linear(4, 2);
 *   override forward(left: Tensor, right: Tensor): Tensor {
 *     return this.left.forward(left).mul(this.right.forward(right)).mul(this.scale);
 *   }
 * }
 * setDefaultDevice(cpu());
 * const model = new Bilinear();
 * assert.deepEqual(model.forward(ones([5, 3]), ones([5, 4])).shape, [5, 2]);
 * assert.deepEqual(Object.keys(model.stateDict()), [
 *   "scale", "left.weight", "left.bias", "right.weight", "right.bias",
 * ]);
 */
export class Module<Args extends readonly unknown[] = readonly [input: Tensor], Out = Tensor> {
  /** State-dict keys of fields for which no rule gives them: `{ mixed5b: "Mixed_5b" }`. */
  static readonly stateKeys: Readonly<Record<string, string>> = {};
  /** Number fields that the state dict holds as 0-d int64. */
  static readonly counters: readonly string[] = [];

  /** Whether the module is in training mode: set by `train()` and `eval()`. */
  training = true;

  constructor() {
    noteClass(this);
  }

  /** What the module computes. */
  forward(..._args: Args): Out {
    throw new StateError(`${this.constructor.name}: No forward: expected the class to define one`, {
      hint: "write forward(x) in your class; containers such as ModuleList have none",
    });
  }

  /** What the module itself owns, by state-dict key. @internal */
  members(): readonly Member[] {
    return fieldMembers(this, isModule);
  }

  /** All parameters, in order of definition, each once. */
  parameters(options: NamedOptions = {}): Parameter[] {
    return this.namedParameters(options).map(([, value]) => value);
  }
  /** All parameters with their state-dict keys, each once. */
  namedParameters(options: NamedOptions = {}): [key: string, parameter: Parameter][] {
    return namedTensors(this, isParameter, options);
  }
  /** All buffers, each once. */
  buffers(options: NamedOptions = {}): ModuleBuffer[] {
    return this.namedBuffers(options).map(([, value]) => value);
  }
  /** All buffers with their state-dict keys, each once. */
  namedBuffers(options: NamedOptions = {}): [key: string, buffer: ModuleBuffer][] {
    return namedTensors(this, isBuffer, options);
  }
  /** The modules directly below this one, each once. */
  children(): AnyModule[] {
    return this.namedChildren().map(([, child]) => child);
  }
  /** The modules directly below this one with their keys, each once. */
  namedChildren({ removeDuplicate = true }: NamedOptions = {}): [key: string, child: AnyModule][] {
    const children = this.members().filter((m): m is [string, AnyModule] => isModule(m[1]));
    const values = children.map(([, child]) => child);
    return children.filter(([, child], i) => !removeDuplicate || values.indexOf(child) === i);
  }
  /** This module and all below, a parent before its children, each once. */
  modules(): AnyModule[] {
    return this.namedModules().map(([, module]) => module);
  }
  /** This module and all below with their paths; this one's is empty. */
  namedModules(options: NamedOptions = {}): [path: string, module: AnyModule][] {
    return namedModules(this, options);
  }
  /** The module at a path of keys, such as `"layer1.0.conv1"`; "" is this one. */
  getSubmodule(path: string): AnyModule {
    return submodule(this, path);
  }
  /** Puts a module in the place of the one at a path of keys, or adds it there. */
  setSubmodule(path: string, module: AnyModule): void {
    setSubmodule(this, path, module);
  }
  /** The parameter at a path of keys. */
  getParameter(path: string): Parameter {
    return tensorAt(this, path, isParameter, "parameter");
  }
  /** The buffer at a path of keys. */
  getBuffer(path: string): ModuleBuffer {
    return tensorAt(this, path, isBuffer, "buffer");
  }

  /** Adds a parameter under a name that is known only at run time; a field is the usual way. */
  registerParameter(name: string, parameter: Parameter | undefined): void {
    define(this, name, parameter);
  }
  /**
   * Adds a buffer under a name that is known only at run time; a field with `buffer(t)` is the
   * usual way.
   */
  registerBuffer(
    name: string,
    data: Tensor,
    options: { readonly persistent?: boolean } = {},
  ): void {
    define(this, name, new ModuleBuffer(data, options));
  }
  /** Adds a child under a name that is known only at run time; a field is the usual way. */
  registerModule(name: string, module: AnyModule): void {
    this.addModule(name, module);
  }
  /** Adds a child under a name, or puts it in the place of the child there. */
  addModule(name: string, module: AnyModule): void {
    define(this, name, module, isModule);
  }

  /** Calls `fn` with every module below, children first, then with this one. */
  apply(fn: (module: AnyModule) => void): this {
    for (const child of this.children()) child.apply(fn);
    fn(this);
    return this;
  }
  /** Switches this module and all below to training mode, or to evaluation with `false`. */
  train(mode = true): this {
    this.training = mode;
    for (const child of this.children()) child.train(mode);
    return this;
  }
  /** Switches this module and all below to evaluation mode. */
  eval(): this {
    return this.train(false);
  }
  /** Makes all parameters ask for a gradient, or stop asking. */
  requiresGrad_(value = true): this {
    for (const parameter of this.parameters()) parameter.requiresGrad_(value);
    return this;
  }
  /** Drops all gradients, or writes 0 over them with `setToNone: false`. */
  zeroGrad({ setToNone = true }: { readonly setToNone?: boolean } = {}): void {
    for (const parameter of this.parameters()) {
      if (setToNone) parameter.grad = undefined;
      else if (parameter.grad !== undefined) parameter.grad = parameter.grad.detach().zero_();
    }
  }

  /**
   * Converts the floating-point parameters and buffers to a dtype, or moves all to a device. The
   * parameters stay the same objects, so that an optimizer keeps them.
   * @throws DTypeError if the dtype is not floating-point.
   */
  to(target: DType | Backend | LikeOptions): this {
    const options: LikeOptions =
      typeof target === "string"
        ? { dtype: target }
        : "kernels" in target
          ? { device: target }
          : target;
    const { dtype } = options;
    if (dtype !== undefined && !isFloat(dtype))
      throw new DTypeError(
        `to: Cannot convert a module: expected a float dtype, received ${dtype}`,
      );
    const converted = (t: Tensor): Tensor =>
      t.to({ dtype: isFloat(t.dtype) ? dtype : t.dtype, device: options.device });
    noGrad(() => {
      for (const t of ownedTensors(this)) {
        const { grad } = t;
        replaceContents(t, converted(t));
        if (grad !== undefined) t.grad = converted(grad);
      }
    });
    return this;
  }
  /** `to("float32")`. */
  float(): this {
    return this.to("float32");
  }
  /** `to("float64")`. */
  double(): this {
    return this.to("float64");
  }
  /** `to("float16")`. */
  half(): this {
    return this.to("float16");
  }
  /** `to("bfloat16")`. */
  bfloat16(): this {
    return this.to("bfloat16");
  }
  /** `to(device)` from any device, also one that cannot be read at once. */
  async moveTo(device: Backend): Promise<this> {
    for (const t of ownedTensors(this)) {
      const { grad } = t;
      replaceContents(t, await t.detach().moveTo(device));
      if (grad !== undefined) t.grad = await grad.detach().moveTo(device);
    }
    return this;
  }

  /** Gives every parameter and buffer a storage on `device`, without its values. */
  toEmpty(device: Backend): this {
    for (const t of ownedTensors(this)) {
      replaceContents(t, t.newEmpty(t.shape, { device }));
      t.grad = undefined;
    }
    return this;
  }
  /**
   * A copy with parameters, buffers and children of its own; what is shared within the module is
   * shared within the copy. Hooks come along; functions and devices are the same.
   * @throws StateError for a class with `#private` members, which no copy can have.
   */
  deepCopy(): this {
    return deepCopyOf(this, isModule) as this;
  }

  /**
   * Parameters and persistent buffers by PyTorch's keys: the tensors share their storages with the
   * module.
   */
  stateDict(options: StateDictOptions = {}): StateDict {
    return stateDictOf(this, options);
  }
  /**
   * Copies a state dict's values into the parameters and buffers; nothing is written unless all
   * fits.
   * @throws StateError naming every missing, unexpected and mis-shaped key.
   */
  loadStateDict(state: Readonly<StateDict>, options: LoadOptions = {}): LoadResult {
    return loadInto(this, state, options);
  }

  /**
   * Calls `hook` before each `forward`; the arguments that it returns take the place of the given
   * ones. @param options - `prepend`.
   */
  registerForwardPreHook<M extends AnyModule>(
    this: M,
    hook: PreHook<M>,
    options?: HookOptions,
  ): HookHandle {
    return addHook(this, "pre", hook, options);
  }
  /**
   * Calls `hook` after each `forward`; the output that it returns takes the place of the computed
   * one. @param options - `prepend`, `alwaysCall`.
   */
  registerForwardHook<M extends AnyModule>(
    this: M,
    hook: Hook<M>,
    options?: ForwardHookOptions,
  ): HookHandle {
    return addHook(this, "post", hook, options);
  }
  /**
   * Calls `hook` in backward with the gradients of the module's inputs and outputs. What it
   * returns takes the place of the gradient of the input that arrives last: of the only one, for
   * most modules.
   */
  registerFullBackwardHook<M extends AnyModule>(
    this: M,
    hook: BackwardHook<M>,
    options?: HookOptions,
  ): HookHandle {
    return registerBackwardHook(this, hook, options);
  }

  /**
   * Calls `hook` in backward with the gradients of the module's outputs, before its own backward.
   * What it returns takes the place of the gradient of the output that arrives last.
   */
  registerFullBackwardPreHook<M extends AnyModule>(
    this: M,
    hook: BackwardPreHook<M>,
    options?: HookOptions,
  ): HookHandle {
    return registerBackwardPreHook(this, hook, options);
  }

  /**
   * State beside parameters and buffers, which the state dict holds under `_extra_state`: tensors,
   * numbers, strings, lists and plain objects. A class that has some defines this and
   * `setExtraState()`.
   * @see https://pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.get_extra_state
   */
  getExtraState?(): unknown;
  /** Takes what `getExtraState()` gave, when a state dict is loaded. */
  setExtraState?(state: unknown): void;

  /** Calls `hook` before the state of this module is collected. */
  registerStateDictPreHook<M extends AnyModule>(this: M, hook: StateDictPreHook<M>): HookHandle {
    return addStateHook(this, "save", hook);
  }
  /** Calls `hook` with the collected state of this module and all below, which it may change. */
  registerStateDictPostHook<M extends AnyModule>(this: M, hook: StateDictHook<M>): HookHandle {
    return addStateHook(this, "saved", hook);
  }
  /**
   * Calls `hook` before this module loads, with a copy of the state dict whose entries it may
   * rename, add and delete: where old checkpoints are brought up to date.
   */
  registerLoadStateDictPreHook<M extends AnyModule>(
    this: M,
    hook: LoadStateDictPreHook<M>,
  ): HookHandle {
    return addStateHook(this, "load", hook);
  }
  /** Calls `hook` when this module and all below have loaded. */
  registerLoadStateDictPostHook<M extends AnyModule>(
    this: M,
    hook: LoadStateDictPostHook<M>,
  ): HookHandle {
    return addStateHook(this, "loaded", hook);
  }

  /** What stands between the parentheses when the module prints: PyTorch's words. */
  extraRepr(): string {
    return "";
  }
  /** PyTorch's printout; `console.log(module)` shows it. */
  toString(): string {
    return describeModule(this);
  }
}

Object.defineProperty(Module.prototype, Symbol.for("nodejs.util.inspect.custom"), {
  value(this: AnyModule): string {
    return this.toString();
  },
});

function ownedTensors(module: AnyModule): Tensor[] {
  return [...module.parameters(), ...module.buffers()];
}
