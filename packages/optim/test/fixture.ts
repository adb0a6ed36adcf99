// What the fixtures of PyTorch's optimizers and schedules hold.
import { type DType, type Tensor, tensor } from "@tead/tensor";
import { camelKey, renamed } from "../src/keys.ts";

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };
export type Matrix = readonly (readonly number[])[];
type Options = Readonly<Record<string, Json>>;

export interface Trajectory {
  readonly optimizer: string;
  readonly options: Options;
  /** The options of the second parameter's own group, where there are two. */
  readonly own?: Options;
  /** Whether the second parameter is a matrix of one row. */
  readonly matrices?: boolean;
  readonly shown: Readonly<Record<string, { loss: number; w: Matrix; b: readonly number[] }>>;
  readonly stateDict: {
    readonly state: Readonly<Record<string, Readonly<Record<string, Json>>>>;
    readonly param_groups: readonly ({ readonly params: readonly number[] } & {
      readonly [key: string]: Json;
    })[];
  };
}
export interface Schedule {
  readonly scheduler: string;
  readonly optimizer?: string;
  readonly options: Options;
  readonly lrs: Matrix;
  /** The groups' momenta, where they move. */
  readonly momenta?: Matrix;
  /** Where `closed` is taken; absent for schedules that only count. */
  readonly epochs?: readonly number[];
  readonly closed: Matrix;
  readonly resumed: readonly number[];
  readonly stateDict: Options;
}

export interface Trajectories {
  readonly half: number;
  readonly steps: number;
  readonly problem: { x: Matrix; y: Matrix; w: Matrix; b: readonly number[] };
  readonly runs: Readonly<Record<string, Trajectory>>;
}
/** `weight_decay` -> `weightDecay`, for options. */
export const camelOptions = (options: Options): Record<string, Json> => renamed(options, camelKey);

type Revived = Tensor | number | null | readonly Revived[];
/** A saved value as our state dicts hold it. */
export function revived(value: Json): Revived {
  if (typeof value !== "object" || value === null) return value as number | null;
  if (Array.isArray(value)) return value.map(revived);
  const { tensor: values, dtype } = value as unknown as { tensor: number[]; dtype: DType };
  return tensor(values, { dtype });
}
