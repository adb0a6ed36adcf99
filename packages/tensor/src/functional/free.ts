// Binding methods by name as functions: `add(a, b)` is `a.add(b)`. There is one implementation and
// one documentation, and a bundler keeps those that are used.
import type { Tensor } from "../tensor.ts";

/** The names of Tensor's methods. */
type Method = {
  [K in keyof Tensor]: Tensor[K] extends (...args: never[]) => unknown ? K : never;
}[keyof Tensor];

/**
 * A method as a function of the tensor and the method's arguments, with both of its overloads where it
 * has two.
 */
export type Free<K extends Method> = Tensor[K] extends {
  (...args: infer A): infer R;
  (...args: infer B): infer S;
}
  ? { (input: Tensor, ...args: A): R; (input: Tensor, ...args: B): S }
  : never;

export function free<K extends Method>(name: K): Free<K> {
  const call = (input: Tensor, ...args: never[]): unknown =>
    (input[name] as (...args: never[]) => unknown)(...args);
  return call as Free<K>;
}
