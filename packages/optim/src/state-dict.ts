// State dicts of optimizers: PyTorch's layout, both ways.
import { isFloat, keep, noGrad, StateError, Tensor } from "@tead/tensor";
import { camelKey, renamed, snakeKey } from "./keys.ts";

/** What an optimizer remembers of one parameter. */
export type ParameterState = Record<string, Tensor | number | readonly Tensor[]>;

type SavedItem = Tensor | number | null;
/** A parameter's state in a state dict; PyTorch writes null where there is no momentum. */
export type SavedState = Readonly<Record<string, SavedItem | readonly SavedItem[]>>;
/** A group's hyperparameters in a state dict, and the positions of its parameters. */
export type SavedGroup = Readonly<Record<string, unknown>> & { readonly params: readonly number[] };

/**
 * An optimizer's state under PyTorch's names: a checkpoint holds it, `loadStateDict()` takes it.
 */
export interface OptimizerStateDict {
  /** By the parameters' positions over all groups. */
  readonly state: ReadonlyMap<number, SavedState> | Readonly<Record<string, SavedState>>;
  readonly param_groups: readonly SavedGroup[];
}

/** What the state of a class looks like where no rule tells. */
export interface StateLayout {
  /** State-dict keys of names for which no rule gives them. */
  readonly keys: Readonly<Record<string, string>>;
  /** Names of numbers, which PyTorch keeps as 0-d tensors. */
  readonly scalars: readonly string[];
}

type Group = { readonly params: readonly Tensor[] };

/** State and hyperparameters under PyTorch's names. */
export function savedState(
  groups: readonly Group[],
  state: ReadonlyMap<Tensor, ParameterState>,
  { keys }: StateLayout,
): OptimizerStateDict {
  const position = new Map(groups.flatMap((group) => group.params).map((p, i) => [p, i]));
  const saved = [...state].map(([param, values]): [number, SavedState] => [
    position.get(param) as number,
    renamed(values, snakeKey, (name) => keys[name] ?? snakeKey(name)),
  ]);
  return {
    state: new Map(saved.sort(([a], [b]) => a - b)),
    param_groups: groups.map(({ params, ...options }) => ({
      ...renamed(options as Record<string, unknown>, snakeKey),
      params: params.map((p) => position.get(p) as number),
    })),
  };
}

/** Writes a state dict's hyperparameters into `groups` and gives the state by parameter. */
export function loadedState(
  owner: string,
  { state, param_groups: saved }: OptimizerStateDict,
  groups: readonly Group[],
  layout: StateLayout,
): Map<Tensor, ParameterState> {
  checkSizes(owner, saved, groups);
  const params = new Map<number, Tensor>();
  groups.forEach((group, g) => {
    const { params: positions, ...options } = saved[g] as SavedGroup;
    group.params.forEach((param, i) => {
      params.set(positions[i] as number, param);
    });
    Object.assign(group, renamed(options, camelKey));
  });
  const entries: Iterable<readonly [number | string, SavedState]> =
    state instanceof Map ? state : Object.entries(state);
  const loaded = new Map<Tensor, ParameterState>();
  for (const [key, values] of entries) {
    const param = params.get(Number(key));
    if (param !== undefined) loaded.set(param, stateFor(param, values, layout));
  }
  return loaded;
}

function checkSizes(owner: string, saved: readonly SavedGroup[], groups: readonly Group[]): void {
  const sizes = (all: readonly { readonly params: readonly unknown[] }[]): string =>
    `[${all.map((group) => group.params.length).join(", ")}]`;
  if (sizes(saved) !== sizes(groups))
    throw new StateError(
      `${owner}: Cannot load the state dict: expected groups of ` +
        `${sizes(groups)} parameters, received ${sizes(saved)}`,
    );
}

/** Copies of saved values in a parameter's dtype and on its device. */
function stateFor(param: Tensor, values: SavedState, layout: StateLayout): ParameterState {
  const names = new Map(Object.entries(layout.keys).map(([name, key]) => [key, name]));
  const copied = (t: Tensor): Tensor => {
    const dtype = isFloat(param.dtype) ? param.dtype : t.dtype;
    return keep(noGrad(() => t.detach().to({ dtype, device: param.device }).clone()));
  };
  const state: ParameterState = {};
  for (const [key, value] of Object.entries(values)) {
    const name = names.get(key) ?? camelKey(key);
    if (typeof value === "number") state[name] = value;
    else if (value instanceof Tensor)
      state[name] = layout.scalars.includes(name) ? Number(value.itemSync()) : copied(value);
    // A list with gaps is PyTorch's room for work: it holds nothing between steps.
    else if (Array.isArray(value) && value.every((item) => item instanceof Tensor))
      state[name] = value.map(copied);
  }
  return state;
}
