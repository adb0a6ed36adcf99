// What all optimizers share: groups of parameters, their state, state dicts.
import type { Tensor } from "@tead/tensor";
import {
  groupsOf,
  type LearningRate,
  type ParamGroup,
  type ParamGroupOptions,
  type Params,
  type WithLearningRate,
  wholeGroup,
} from "./groups.ts";
import { renamed, snakeKey } from "./keys.ts";
import {
  loadedState,
  type OptimizerStateDict,
  type ParameterState,
  type StateLayout,
  savedState,
} from "./state-dict.ts";

/**
 * Groups of parameters with their hyperparameters and state. How a step is made is a subclass's
 * matter: {@link Optimizer} for those that go by the gradient alone, `LBFGS` for itself.
 */
export abstract class OptimizerBase<O extends WithLearningRate = LearningRate> {
  readonly paramGroups: ParamGroup<O>[] = [];
  readonly state: Map<Tensor, ParameterState> = new Map<Tensor, ParameterState>();
  readonly defaults: Readonly<Required<O>>;

  constructor(params: Params<O>, defaults: Required<O>) {
    this.defaults = defaults;
    for (const group of groupsOf(this.constructor.name, params)) this.addParamGroup(group);
  }

  /** Refuses hyperparameters that are out of range. */
  protected abstract check(options: Required<O>): void;
  /** Refuses a parameter that the rule is not made for. */
  protected checkParam(_param: Tensor): void {}

  /**
   * Adds parameters, with hyperparameters of their own where given, as for layers that are unfrozen
   * later.
   * @throws RangeError if a hyperparameter is out of range.
   * @throws StateError if a parameter is no leaf, or in a group already.
   */
  addParamGroup(group: ParamGroupOptions<O>): void {
    const known = this.paramGroups.flatMap(({ params }) => params);
    const whole = wholeGroup(this.constructor.name, group, this.defaults as Required<O>, known);
    this.check(whole as unknown as Required<O>);
    for (const param of whole.params) this.checkParam(param);
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

  /** The state of one parameter, empty at first. */
  protected stateOf(param: Tensor): ParameterState {
    let state = this.state.get(param);
    if (state === undefined) {
      state = {};
      this.state.set(param, state);
    }
    return state;
  }

  /** How the class's state is saved, where no rule tells. */
  protected get layout(): StateLayout {
    return { keys: {}, scalars: ["step"] };
  }
  /** State and hyperparameters under PyTorch's names. The tensors are the optimizer's own. */
  stateDict(): OptimizerStateDict {
    return savedState(this.paramGroups, this.state, this.layout);
  }
  /**
   * Takes state and hyperparameters from a state dict, this library's or PyTorch's; state is
   * copied, converted to each parameter's dtype and device.
   * @throws StateError if the groups differ in number or size.
   */
  loadStateDict(saved: OptimizerStateDict): void {
    const loaded = loadedState(this.constructor.name, saved, this.paramGroups, this.layout);
    this.state.clear();
    for (const [param, state] of loaded) this.state.set(param, state);
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

Object.defineProperty(OptimizerBase.prototype, Symbol.for("nodejs.util.inspect.custom"), {
  value(this: OptimizerBase): string {
    return this.toString();
  },
});

function shown(value: unknown): string {
  if (Array.isArray(value)) return `(${value.map(shown).join(", ")})`;
  if (typeof value === "boolean") return value ? "True" : "False";
  return value === null || value === undefined ? "None" : String(value);
}
