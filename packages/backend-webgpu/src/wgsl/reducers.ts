// How reductions combine values in WGSL: a state, the state of nothing, and the merger of two.
import type { NumberType } from "./elements.ts";
import { mathSource } from "./math.ts";

export interface Reducer {
  readonly name: string;
  /** Whether the state holds the position of its value as well. */
  readonly position: boolean;
  /** `State`, `initial()` and `merge(a, b)` over values of a type. */
  declarations(type: NumberType): string;
}

function fold(name: string, initial: Record<NumberType, string>, merged: string): Reducer {
  return {
    name,
    position: false,
    declarations: (type) => `${mathSource(initial[type], merged)}
struct State { value: ${type} }
fn initial() -> State { return State(${initial[type]}); }
fn merge(a: State, b: State) -> State { return State(${merged}); }`,
  };
}

/** The larger or smaller value; NaN wins over every number. */
function extremum(name: string, sign: ">" | "<"): Reducer {
  const worst = worstFor(sign);
  return {
    name,
    position: false,
    declarations(type) {
      const won = `a.value ${sign} b.value${type === "f32" ? " || isNan(a.value)" : ""}`;
      return `${mathSource(worst[type], won)}
struct State { value: ${type} }
fn initial() -> State { return State(${worst[type]}); }
fn merge(a: State, b: State) -> State { return State(select(b.value, a.value, ${won})); }`;
    },
  };
}

/** The position of the first of the largest or smallest values; the first NaN wins. */
function argExtremum(name: string, sign: ">" | "<"): Reducer {
  const worst = worstFor(sign);
  return {
    name,
    position: true,
    declarations(type) {
      const nan = (x: string): string => (type === "f32" ? `isNan(${x}.value)` : "false");
      return `${mathSource(worst[type], "isNan(")}
struct State { value: ${type}, at: u32 }
fn initial() -> State { return State(${worst[type]}, 0xffffffffu); }
fn merge(a: State, b: State) -> State {
  let nanA = ${nan("a")};
  let nanB = ${nan("b")};
  var wins = b.value ${sign} a.value;
  if (nanA || nanB) { wins = nanB && (!nanA || b.at < a.at); }
  else if (a.value == b.value) { wins = b.at < a.at; }
  if (wins) { return b; }
  return a;
}`;
    },
  };
}

function worstFor(sign: ">" | "<"): Record<NumberType, string> {
  if (sign === ">") return { f32: "-inf()", i32: "i32(-2147483647 - 1)" };
  return { f32: "inf()", i32: "2147483647" };
}

export type ReducerName = "sum" | "prod" | "amax" | "amin" | "argmax" | "argmin";

export const reducers: Readonly<Record<ReducerName, Reducer>> = {
  sum: fold("sum", { f32: "0.0", i32: "0" }, "a.value + b.value"),
  prod: fold("prod", { f32: "1.0", i32: "1" }, "a.value * b.value"),
  amax: extremum("amax", ">"),
  amin: extremum("amin", "<"),
  argmax: argExtremum("argmax", ">"),
  argmin: argExtremum("argmin", "<"),
};
