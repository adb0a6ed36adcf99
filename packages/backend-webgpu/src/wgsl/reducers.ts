// How reductions combine values in WGSL: a State, the state of nothing, and the merger of two. Sums
// and products in int32 know whether they left its range, which the wrapped value does not show.
import type { NumberType } from "./elements.ts";
import { integerSource } from "./integers.ts";
import { mathSource } from "./math.ts";

export interface Reducer {
  readonly name: ReducerName;
  /** Whether the result is the position of the value. */
  readonly position: boolean;
  /** Whether integer results may leave int32. */
  readonly mayOverflow: boolean;
  /**
   * `State`, `initial()`, `stateOf(value, at)`, `merge(a, b)` and `resultOf(state)` over values of a
   * type; with `checked`, `overflows(state)` too.
   */
  declarations(type: NumberType, checked: boolean): string;
}

export type ReducerName = "sum" | "prod" | "amax" | "amin" | "argmax" | "argmin";

function fold(name: ReducerName, neutral: number, operator: "+" | "*", checked: string): Reducer {
  return {
    name,
    position: false,
    mayOverflow: true,
    declarations: (type, isChecked) =>
      isChecked
        ? checked
        : `struct State { value: ${type} }
fn initial() -> State { return State(${type}(${neutral})); }
fn stateOf(value: ${type}, at: u32) -> State { return State(value); }
fn merge(a: State, b: State) -> State { return State(a.value ${operator} b.value); }
fn resultOf(state: State) -> ${type} { return state.value; }`,
  };
}

// A 64-bit sum in two words.
const checkedSum = `struct State { low: u32, high: i32 }
fn initial() -> State { return State(0u, 0); }
fn stateOf(value: i32, at: u32) -> State { return State(u32(value), value >> 31u); }
fn merge(a: State, b: State) -> State {
  let low = a.low + b.low;
  return State(low, a.high + b.high + select(0, 1, low < a.low));
}
fn resultOf(state: State) -> i32 { return i32(state.low); }
fn overflows(state: State) -> bool { return state.high != (i32(state.low) >> 31u); }`;

// The wrapped product beside its size as a float, kept within what another factor cannot overflow.
const checkedProduct = `${integerSource("leavesRange(limited(")}
struct State { value: i32, size: f32 }
fn initial() -> State { return State(1, 1.0); }
fn stateOf(value: i32, at: u32) -> State { return State(value, f32(value)); }
fn merge(a: State, b: State) -> State {
  return State(a.value * b.value, limited(a.size * b.size));
}
fn resultOf(state: State) -> i32 { return state.value; }
fn overflows(state: State) -> bool { return leavesRange(state.size, state.value); }`;

/** The larger or smaller value; NaN wins over every number. */
function extremum(name: ReducerName, sign: ">" | "<"): Reducer {
  const worst = worstFor(sign);
  return {
    name,
    position: false,
    mayOverflow: false,
    declarations(type) {
      const won = `a.value ${sign} b.value${type === "f32" ? " || isNan(a.value)" : ""}`;
      return `${mathSource(worst[type], won)}
struct State { value: ${type} }
fn initial() -> State { return State(${worst[type]}); }
fn stateOf(value: ${type}, at: u32) -> State { return State(value); }
fn merge(a: State, b: State) -> State { return State(select(b.value, a.value, ${won})); }
fn resultOf(state: State) -> ${type} { return state.value; }`;
    },
  };
}

/** The position of the first of the largest or smallest values; the first NaN wins. */
function argExtremum(name: ReducerName, sign: ">" | "<"): Reducer {
  const worst = worstFor(sign);
  return {
    name,
    position: true,
    mayOverflow: false,
    declarations(type) {
      const nan = (x: string): string => (type === "f32" ? `isNan(${x}.value)` : "false");
      return `${mathSource(worst[type], "isNan(")}
struct State { value: ${type}, at: u32 }
fn initial() -> State { return State(${worst[type]}, 0xffffffffu); }
fn stateOf(value: ${type}, at: u32) -> State { return State(value, at); }
fn merge(a: State, b: State) -> State {
  let nanA = ${nan("a")};
  let nanB = ${nan("b")};
  var wins = b.value ${sign} a.value;
  if (nanA || nanB) { wins = nanB && (!nanA || b.at < a.at); }
  else if (a.value == b.value) { wins = b.at < a.at; }
  if (wins) { return b; }
  return a;
}
fn resultOf(state: State) -> i32 { return i32(state.at); }`;
    },
  };
}

function worstFor(sign: ">" | "<"): Record<NumberType, string> {
  if (sign === ">") return { f32: "-inf()", i32: "i32(-2147483647 - 1)" };
  return { f32: "inf()", i32: "2147483647" };
}

export const reducers: Readonly<Record<ReducerName, Reducer>> = {
  sum: fold("sum", 0, "+", checkedSum),
  prod: fold("prod", 1, "*", checkedProduct),
  amax: extremum("amax", ">"),
  amin: extremum("amin", "<"),
  argmax: argExtremum("argmax", ">"),
  argmin: argExtremum("argmin", "<"),
};
