// The op table: every op of the library, and the type that backends look kernels up in.
import type * as table from "./table.ts";

/** All ops of the library, by name. */
export type OpTable = typeof table;
export * from "./table.ts";
