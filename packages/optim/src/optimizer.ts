// What all optimizers share: groups of parameters, their state, state dicts.
import { enableGrad, isFloat, keep, noGrad, StateError, Tensor } from "@tead/tensor";
import { camelKey, renamed, snakeKey } from "./keys.ts";

/** What an optimizer remembers of one parameter. */
export type ParameterState = Record<string, Tensor | number>;

/** Parameters that share hyperparameters, which may be changed between steps. */
export type ParamGroup<O> = { -readonly [K in keyof O]-?: O[K] } & {
  params: Tensor[];
  /** The learning rate before any schedule; schedulers write it. */
  initialLr?: number;
};

/** What an optimizer is given: parameters, or groups with hyperparameters of their own. */
export type Params<O> = Iterable<Tensor> | Iterable<ParamGroupOptions<O>>;
/** A group of parameters with hyperparameters of its own. */
export type ParamGroupOptions<O> = Partial<O> & {
  readonly params: Tensor | Iterable<Tensor>;
  readonly initialLr?: number;
};

/** A parameter's state in a state dict; PyTorch writes null where there is no momentum. */
export type SavedState = Readonly<Record<string, Tensor | number | null>>;

/**
 * An optimizer's state under PyTorch's names: a checkpoint holds it, `loadStateDict()` takes it.
 */
export interface OptimizerStateDict {
  /** By the parameters' positions over all groups. */
  readonly state: ReadonlyMap<number, SavedState> | Readonly<Record<string, SavedState>>;
  readonly param_groups: readonly (Readonly<Record<string, unknown>> & {
    readonly params: readonly number[];
  })[];
}

/** The hyperparameter that every optimizer has. */
export interface LearningRate {
  readonly lr: number;
}

/**
 * The base of all optimizers. A subclass writes `update()`, which changes one parameter.
 *
 * @see https://pytorch.org/docs/stable/optim.html#torch.optim.Optimizer
 */
export abstract class Optimizer<O extends LearningRate = LearningRate> {
  readonly paramGroups: ParamGroup<O>[] = [];
  readonly state: Map<Tensor, ParameterState> = new Map<Tensor, ParameterState>();
  readonly defaults: Readonly<Required<O>>;

  constructor(params: Params<O>, defaults: Required<O>) {
    this.defaults = defaults;
    const given = [...(params as Iterable<Tensor | ParamGroupOptions<O>>)];
    if (given.length === 0)
      throw new RangeError(`${this.constructor.name}: No parameters: expected at least one`);
    if (given.every((item) => item instanceof Tensor))
      this.addParamGroup({ params: given } as never);
    else for (const group of given) this.addParamGroup(group as ParamGroupOptions<O>);
  }

  /** Refuses hyperparameters that are out of range. */
  protected abstract check(options: Required<O>): void;
  /** Changes one parameter by its gradient; runs without recording. */
  protected abstract update(param: Tensor, grad: Tensor, group: ParamGroup<O>): void;

  /**
   * Adds parameters, with hyperparameters of their own where given, as for layers that are unfrozen
   * later.
   */
  addParamGroup(group: ParamGroupOptions<O>): void {
    const { params, ...options } = group;
    const list = params instanceof Tensor ? [params] : [...(params as Iterable<Tensor>)];
    const whole = { ...this.defaults, ...defined(options) } as unknown as ParamGroup<O>;
    this.check(whole as unknown as Required<O>);
    const known = new Set(this.paramGroups.flatMap((g) => g.params));
    const name = this.constructor.name;
    for (const param of list) {
      if (!(param instanceof Tensor))
        throw new TypeError(
          `${name}: Cannot optimize this: expected a tensor, received ${typeof param}`,
        );
      if (!param.isLeaf)
        throw new StateError(`${name}: Cannot optimize a tensor that an op made: expected a leaf`, {
          hint: "pass model.parameters(), or a tensor made with requiresGrad: true",
        });
      if (known.has(param))
        throw new StateError(
          `${name}: A parameter is in two places: expected each once in all groups`,
        );
      known.add(param);
    }
    whole.params = list;
    this.paramGroups.push(whole);
  }

  /** Drops the gradients, or writes 0 over them with `setToNone: false`. */
  zeroGrad({ setToNone = true }: { readonly setToNone?: boolean } = {}): void {
    for (const { params } of this.paramGroups)
      for (const param of params) {
        if (setToNone) param.grad = undefined;
        else if (param.grad !== undefined) param.grad = param.grad.detach().zero_();
      }
  }

  /**
   * Changes every parameter that has a gradient. `closure` computes the loss again, if given; its
   * value comes back.
   */
  step(): undefined;
  step<L>(closure: () => L): L;
  step<L>(closure?: () => L): L | undefined {
    const loss = closure && enableGrad(closure);
    noGrad(() => {
      for (const group of this.paramGroups)
        for (const param of group.params)
          if (param.grad !== undefined) this.update(param, param.grad, group);
    });
    return loss;
  }

  /** The state of one parameter, empty at first. */
  protected stateOf(param: Tensor): ParameterState {
    let state = this.state.get(param);
    if (state === undefined) {
      state = {};
      this.state.set(param, state);
    }
    return state;
  }

  /** State and hyperparameters under PyTorch's names. The tensors are the optimizer's own. */
  stateDict(): OptimizerStateDict {
    const position = new Map(this.paramGroups.flatMap((g) => g.params).map((p, i) => [p, i]));
    const state = new Map<number, ParameterState>();
    for (const [param, values] of this.state)
      state.set(position.get(param) as number, renamed(values, snakeKey));
    const groups = this.paramGroups.map(({ params, ...options }) => ({
      ...renamed(options as Record<string, unknown>, snakeKey),
      params: params.map((p) => position.get(p) as number),
    }));
    return { state: new Map([...state].sort(([a], [b]) => a - b)), param_groups: groups };
  }

  /**
   * Takes state and hyperparameters from a state dict, this library's or PyTorch's; state is
   * copied, converted to each parameter's dtype and device.
   * @throws StateError if the groups differ in number or size.
   */
  loadStateDict({ state, param_groups: saved }: OptimizerStateDict): void {
    const sizes = (groups: readonly { readonly params: readonly unknown[] }[]): string =>
      `[${groups.map((g) => g.params.length).join(", ")}]`;
    if (sizes(saved) !== sizes(this.paramGroups))
      throw new StateError(
        `${this.constructor.name}: Cannot load the state dict: expected groups of ` +
          `${sizes(this.paramGroups)} parameters, received ${sizes(saved)}`,
      );
    const entries: Iterable<readonly [number | string, SavedState]> =
      state instanceof Map ? state : Object.entries(state);
    const params = new Map<number, Tensor>();
    this.paramGroups.forEach((group, g) => {
      for (const [i, param] of group.params.entries())
        params.set(saved[g]?.params[i] as number, param);
      const { params: _, ...options } = saved[g] as OptimizerStateDict["param_groups"][number];
      Object.assign(group, renamed(options, camelKey));
    });
    this.state.clear();
    for (const [key, values] of entries) {
      const param = params.get(Number(key));
      if (param !== undefined) this.state.set(param, loaded(param, values));
    }
  }

  /** PyTorch's printout; `console.log(optimizer)` shows it. */
  toString(): string {
    const groups = this.paramGroups.map(({ params: _, ...options }, i) => {
      const entries = Object.entries(renamed(options as Record<string, unknown>, snakeKey)).sort(
        ([a], [b]) => (a < b ? -1 : 1),
      );
      return [
        `Parameter Group ${i}`,
        ...entries.map(([key, value]) => `    ${key}: ${shown(value)}`),
      ];
    });
    return `${this.constructor.name} (\n${groups.flat().join("\n")}\n)`;
  }
}

Object.defineProperty(Optimizer.prototype, Symbol.for("nodejs.util.inspect.custom"), {
  value(this: Optimizer): string {
    return this.toString();
  },
});

function shown(value: unknown): string {
  if (Array.isArray(value)) return `(${value.map(shown).join(", ")})`;
  if (typeof value === "boolean") return value ? "True" : "False";
  return value === null || value === undefined ? "None" : String(value);
}

/** Without entries that are `undefined`: those mean the default. */
function defined(options: object): object {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function loaded({ dtype, device }: Tensor, values: SavedState): ParameterState {
  const state: ParameterState = {};
  for (const [key, value] of Object.entries(values)) {
    if (value === null) continue;
    // A count: PyTorch keeps it as a 0-d tensor.
    if (key === "step") state.step = typeof value === "number" ? value : Number(value.itemSync());
    else if (typeof value === "number") state[camelKey(key)] = value;
    else {
      const target = { dtype: isFloat(dtype) ? dtype : value.dtype, device };
      state[camelKey(key)] = keep(noGrad(() => value.detach().to(target).clone()));
    }
  }
  return state;
}
