// The updates of a step, gathered: one call of an op for all parameters whose attributes are equal.
import { type AnyOp, type Backend, dispatch, type Op, type Tensor } from "@tead/tensor";

/** An update's operands are lists: one tensor of each for a parameter. */
export type Lists = readonly `...${string}`[];
/** An op that updates parameters in place. */
export type UpdateOp<L extends Lists, A> = Op<string, L, A, readonly []>;
/** One parameter's operands; a list that a variant has not stays empty. */
export type Operands<L extends Lists> = { readonly [K in keyof L]: Tensor | undefined };

/** One call: what stands at one place in the lists belongs to one parameter. */
interface Call {
  readonly op: AnyOp;
  readonly attrs: object;
  readonly device: Backend | undefined;
  readonly lists: readonly Tensor[][];
}

/** Gathers updates, then runs them. */
export class Updates {
  readonly #calls: Call[] = [];

  /** Adds a parameter to the call that it fits into. */
  add<L extends Lists, A>(op: UpdateOp<L, A>, operands: Operands<L>, attrs: A): void {
    const given = operands as readonly (Tensor | undefined)[];
    const device = given[0]?.device;
    for (const call of this.#calls)
      if (call.op === op && call.device === device && isEqual(call.attrs, attrs as object)) {
        append(call.lists, given);
        return;
      }
    const lists = new Array<Tensor[]>(given.length);
    for (let i = 0; i < given.length; i++) {
      const tensor = given[i];
      lists[i] = tensor === undefined ? [] : [tensor];
    }
    this.#calls.push({ op, attrs: attrs as object, device, lists });
  }

  /** Runs the calls, in the order of their first parameters. */
  run(): void {
    for (const { op, lists, attrs } of this.#calls) dispatch(op, lists as never, attrs as never);
  }
}

function append(lists: readonly Tensor[][], operands: readonly (Tensor | undefined)[]): void {
  for (let i = 0; i < operands.length; i++) {
    const tensor = operands[i];
    if (tensor !== undefined) lists[i]?.push(tensor);
  }
}

function isEqual(a: object, b: object): boolean {
  if (a === b) return true;
  for (const key in a) if (a[key as never] !== b[key as never]) return false;
  return true;
}
