// One line a family. Add a family here and its kernels become part of the contract.
export * from "./binary.ts";
export * from "./compare.ts";
export * from "./conv.ts";
export * from "./copy.ts";
export * from "./indexing.ts";
export * from "./join.ts";
export * from "./matmul.ts";
export * from "./moments.ts";
export * from "./pad.ts";
export * from "./norm.ts";
export * from "./pool.ts";
export * from "./reduce.ts";
export * from "./softmax.ts";
export * from "./sort.ts";
export * from "./unary.ts";
export * from "./view.ts";
