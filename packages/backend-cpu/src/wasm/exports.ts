// The signatures of the functions that assembly/index.ts exports. Addresses are bytes; counts and strides are elements.

/** A WebAssembly.Memory, as far as it is used here. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

export interface KernelExports {
  readonly memory: WasmMemory;
  heapBase(): number;
  matmulRows(): number;
  packPanels(
    to: number,
    from: number,
    rowStride: number,
    kStride: number,
    rows: number,
    k: number,
    width: number,
  ): void;
  matmulBlock(
    a: number,
    b: number,
    c: number,
    stride: number,
    m: number,
    n: number,
    k: number,
  ): void;
}
