// What containers refuse.
import type { AnyModule } from "../module/module.ts";

const nameOf = (container: object): string => container.constructor.name;

/** An index counted from the front; refuses one that is out of range. */
export function checkIndex(container: object, index: number, length: number): number {
  const position = index < 0 ? index + length : index;
  if (!Number.isInteger(index) || position < 0 || position >= length)
    throw new RangeError(
      `${nameOf(container)}: Index is out of range: expected an integer from ${-length} to ${length - 1}, received ${index}`,
    );
  return position;
}

/** Refuses what is no module: JavaScript callers get no type check. */
export function checkModule(container: object, key: string, value: unknown): void {
  const forward = (value as Partial<AnyModule> | undefined)?.forward;
  if (typeof forward !== "function")
    throw new TypeError(
      `${nameOf(container)}: Cannot hold "${key}": expected a module, received ${value === null ? "null" : typeof value}`,
    );
  if (key === "" || key.includes("."))
    throw new RangeError(
      `${nameOf(container)}: Cannot hold "${key}": expected a name without dots`,
    );
}
