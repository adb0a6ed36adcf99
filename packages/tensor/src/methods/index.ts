// What the rest of the package needs of the method families.

export { uploaded } from "./convert.ts";
export type { Nested, Scalar } from "./core.ts";
