// What a fault is: one way in which a kernel can be wrong, put around a kernel that is right.
import { type FailureCode, makeArray, type TypedArray, type View } from "@tead/tensor";
import { bufferIsArray, gatherNumbers, numbersAs } from "@tead/tensor/kernel-kit";
import { eachPosition } from "../../src/materialize.ts";

export type Operand = View | undefined | readonly View[];

/** A call of any kernel. */
export interface Call {
  readonly inputs: readonly Operand[];
  readonly outputs: readonly View[];
  readonly attrs: Readonly<Record<string, unknown>>;
  fail(code: FailureCode, position: number): void;
}
export type Kernel = (call: Call) => void;
export type Fail = Call["fail"];

/** One fault; at least one of the members that do something is there. */
export interface Fault {
  /** Where and what: "input: offset ignored". */
  readonly name: string;
  /** Another kernel in the place of the right one. */
  readonly instead?: Kernel;
  /** The call that the kernel gets; the same object where the fault changes nothing. */
  readonly rewrite?: (call: Call) => Call;
  /** Looks at the memory before the kernel runs; what it returns spoils the memory afterwards. */
  readonly around?: (call: Call) => (() => void) | undefined;
  /** What becomes of a bad value that the kernel reports. */
  readonly refuse?: (fail: Fail) => Fail;
}

/** The kernel with the fault. */
export function withFault(kernel: Kernel, fault: Fault): Kernel {
  const { instead = kernel, rewrite, around, refuse } = fault;
  return (call) => {
    const given = refuse === undefined ? call : { ...plainCall(call), fail: refuse(failOf(call)) };
    const spoil = around?.(given);
    instead(rewrite?.(given) ?? given);
    spoil?.();
  };
}

/** A call as a plain object, which can be spread. */
export function plainCall(call: Call): Call {
  const { inputs, outputs, attrs } = call;
  return { inputs, outputs, attrs, fail: failOf(call) };
}

const failOf =
  (call: Call): Fail =>
  (code, position) =>
    call.fail(code, position);

/** A view as a plain object: a kernel may be handed a tensor. */
export function plainView({ buffer, dtype, shape, strides, offset, scalar }: View): View {
  return { buffer, dtype, shape, strides, offset, scalar };
}

/** Every view that a call reads. */
export function viewsOf(inputs: readonly Operand[]): View[] {
  return inputs.flat().filter((x): x is View => x !== undefined && x.scalar === undefined);
}

/** Where in the buffer each element of a view stands, in row-major order. */
export function positionsOf({ shape, strides, offset }: View): number[] {
  const positions: number[] = [];
  eachPosition(shape, strides, offset, (position) => positions.push(position));
  return positions;
}

/** The element at a position of a view's buffer, as a number. */
export function elementAt(view: View, position: number): number {
  const one = { ...plainView(view), shape: [], strides: [], offset: position };
  return gatherNumbers(one, bufferIsArray, false)[0] as number;
}

/** Puts a number at a position of a view's buffer, rounded as its dtype rounds. */
export function putElement(view: View, position: number, value: number): void {
  const array = view.buffer as TypedArray;
  if (position < 0 || position >= array.length) return;
  array[position] = numbersAs([value], view.dtype)[0] as never;
}

/** Changes elements of a view where they lie. */
export function changeElements(view: View, change: (value: number, i: number) => number): void {
  for (const [i, position] of positionsOf(view).entries()) {
    const value = elementAt(view, position);
    const changed = change(value, i);
    if (!Object.is(changed, value)) putElement(view, position, changed);
  }
}

/** A copy of a view with its elements changed; the view itself where nothing changes. */
export function changedCopy(view: View, change: (value: number, i: number) => number): View {
  const positions = positionsOf(view);
  const values = positions.map((position) => elementAt(view, position));
  if (values.every((value, i) => Object.is(value, change(value, i)))) return view;
  const buffer = makeArray(view.dtype, positions.length);
  for (const [i, position] of positions.entries())
    buffer[i] = (view.buffer as TypedArray)[position] as never;
  const strides: number[] = [];
  let stride = 1;
  for (const size of [...view.shape].reverse()) {
    strides.unshift(stride);
    stride *= size;
  }
  const copy = { ...plainView(view), buffer, strides, offset: 0 };
  changeElements(copy, change);
  return copy;
}

/** An operand's name without its marks. */
export const bareName = (name: string): string => name.replace(/^\.\.\.|\?$/g, "");
