// The fixtures of PyTorch's optimizers and schedules.
import { readFileSync } from "node:fs";
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

export interface Trajectory {
  readonly optimizer: string;
  readonly options: Readonly<Record<string, Json>>;
  readonly grouped: boolean;
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
  readonly options: Readonly<Record<string, Json>>;
  readonly lrs: readonly (readonly number[])[];
  readonly closed: readonly (readonly number[])[];
  readonly resumed: readonly number[];
  readonly stateDict: Readonly<Record<string, Json>>;
}

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), "utf8"));

export const trajectories = read("trajectories") as {
  readonly half: number;
  readonly steps: number;
  readonly problem: { x: Matrix; y: Matrix; w: Matrix; b: readonly number[] };
  readonly runs: Readonly<Record<string, Trajectory>>;
};
export const schedules = read("schedules") as { readonly runs: Readonly<Record<string, Schedule>> };

/** `weight_decay` -> `weightDecay`, for options. */
export const camelOptions = (options: Readonly<Record<string, Json>>): Record<string, Json> =>
  renamed(options, camelKey);

/** A saved value as our state dicts hold it. */
export function revived(value: Json): Tensor | number | null {
  if (typeof value !== "object" || value === null) return value as number | null;
  const { tensor: values, dtype } = value as unknown as { tensor: number[]; dtype: DType };
  return tensor(values, { dtype });
}
