// Groups of parameters: what users give, what an optimizer holds, what is refused.
import { StateError, Tensor } from "@tead/tensor";

/** What schedulers keep in a group beside its hyperparameters, under PyTorch's names. */
export interface ScheduleFields {
  /** The learning rate before any schedule. */
  initialLr?: number;
  /** The highest rate of a cycle. */
  maxLr?: number;
  /** The lowest rate of a cycle. */
  minLr?: number;
  /** The highest momentum of a cycle. */
  maxMomentum?: number;
  /** The lowest momentum of a cycle. */
  baseMomentum?: number;
  /** The rate that SWALR goes to. */
  swaLr?: number;
}
const scheduleFields: ReadonlySet<string> = new Set<keyof ScheduleFields>([
  ...(["initialLr", "maxLr", "minLr", "maxMomentum", "baseMomentum", "swaLr"] as const),
]);

/** Parameters that share hyperparameters, which may be changed between steps. */
export type ParamGroup<O> = { -readonly [K in keyof O]-?: O[K] } & ScheduleFields & {
    params: Tensor[];
  };

/** A group of parameters with hyperparameters of its own. */
export type ParamGroupOptions<O> = Partial<O> &
  Readonly<ScheduleFields> & { readonly params: Tensor | Iterable<Tensor> };
/** What an optimizer is given: parameters, or groups with hyperparameters of their own. */
export type Params<O> = Iterable<Tensor> | Iterable<ParamGroupOptions<O>>;

/** The hyperparameter that every optimizer has. */
export interface LearningRate {
  readonly lr: number;
}
/** Options with a learning rate, which may have a default. */
export type WithLearningRate = Partial<LearningRate>;

/** What was given, as groups. */
export function groupsOf<O>(owner: string, params: Params<O>): ParamGroupOptions<O>[] {
  const given = [...(params as Iterable<Tensor | ParamGroupOptions<O>>)];
  if (given.length === 0) throw new RangeError(`${owner}: No parameters: expected at least one`);
  if (given.every((item) => item instanceof Tensor)) return [{ params: given } as never];
  return given as ParamGroupOptions<O>[];
}

/** A group with the defaults for what it does not say, and its parameters as a list. */
export function wholeGroup<O>(
  owner: string,
  { params, ...options }: ParamGroupOptions<O>,
  defaults: Required<O>,
  known: Iterable<Tensor>,
): ParamGroup<O> {
  const names = Object.keys(defaults as object);
  for (const name of Object.keys(options))
    if (!names.includes(name) && !scheduleFields.has(name))
      throw new TypeError(
        `${owner}: Option ${name} of a group is not known: expected ${names.join(", ")}`,
      );
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const list = params instanceof Tensor ? [params] : [...(params as Iterable<Tensor>)];
  checkParams(owner, list, known);
  return { ...defaults, ...Object.fromEntries(given), params: list } as unknown as ParamGroup<O>;
}

function checkParams(owner: string, params: readonly Tensor[], known: Iterable<Tensor>): void {
  const seen = new Set(known);
  for (const param of params) {
    if (!(param instanceof Tensor))
      throw new TypeError(
        `${owner}: Cannot optimize this: expected a tensor, received ${typeof param}`,
      );
    if (!param.isLeaf)
      throw new StateError(`${owner}: Cannot optimize a tensor that an op made: expected a leaf`, {
        hint: "pass model.parameters(), or a tensor made with requiresGrad: true",
      });
    if (seen.has(param))
      throw new StateError(
        `${owner}: A parameter is in two places: expected each once in all groups`,
      );
    seen.add(param);
  }
}
