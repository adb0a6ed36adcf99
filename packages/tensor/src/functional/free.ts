// Binding methods by name as functions: `add(a, b)` is `a.add(b)`. There is one implementation and
// one documentation, and a bundler keeps those that are used.
import type { Tensor } from "../tensor.ts";

/** The names of Tensor's methods. */
type Method = {
  [K in keyof Tensor]: Tensor[K] extends (...args: never[]) => unknown ? K : never;
}[keyof Tensor];

/** A method as a function of the tensor and the method's arguments. */
export type Free<K extends Method> = (
  input: Tensor,
  ...args: Parameters<Tensor[K]>
) => ReturnType<Tensor[K]>;

export function free<K extends Method>(name: K): Free<K> {
  return (input, ...args) => (input[name] as (...args: unknown[]) => never)(...args);
}
