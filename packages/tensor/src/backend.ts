// The backend contract: what a device must give so that every op runs on it. Types only.
import type { DType, TypedArray } from "./dtype.ts";
import type { KernelInputs, Op } from "./op.ts";
import type { OpTable } from "./ops/index.ts";
import type { Geometry } from "./shape.ts";

/** The number of this contract; a backend states the one that it was written for. */
export const contractNumber = 1;

/** A backend's own memory: opaque to everyone else. */
export type Buffer = unknown;

/** What a backend can do beside running kernels. */
export interface Capabilities {
  /** Whether `readSync` exists and a kernel's `fail` throws at once. */
  readonly syncRead: boolean;
  /** The dtypes that it can hold and compute with. */
  readonly dtypes: readonly DType[];
  /** The random stream: PyTorch's mt19937 drawn by the host, or one of its own. */
  readonly generator: "mt19937" | "philox";
}

/**
 * A strided window on a buffer. Element `[i, j]` stands at `offset + i * strides[0] + j *
 * strides[1]`. A number operand arrives as `scalar`, with no buffer.
 */
export interface View extends Geometry {
  readonly buffer: Buffer;
  readonly dtype: DType;
  readonly scalar?: number | undefined;
}

/** The failures that only values show; `position` is a flat index into the offending operand. */
export type FailureCode =
  | "indexOutOfRange"
  | "classOutOfRange"
  | "integerOverflow"
  | "divisionByZero";

/** One call of a kernel: what it reads, what it fills, and how it reports a bad value. */
export interface KernelCall<I, A> {
  readonly inputs: I;
  readonly outputs: readonly View[];
  readonly attrs: A;
  /** Reports a bad value: throws at once where reads are synchronous, else on the next await. */
  fail(code: FailureCode, position: number): void;
}

/** Reads `inputs`, fills `outputs`. They may share buffers: the result is as if inputs were read first. */
export type Kernel<I, A> = (call: KernelCall<I, A>) => void;

/** The kernel that runs op `O`. */
export type KernelOf<O> =
  O extends Op<string, infer I, infer A, readonly string[]> ? Kernel<KernelInputs<I>, A> : never;

type Named<K extends Op["kind"]> = {
  readonly [P in keyof OpTable as OpTable[P] extends { kind: K; name: infer N extends string }
    ? N
    : never]: KernelOf<OpTable[P]>;
};

/** Every primitive, and any fusable op that the backend can do better than its decomposition. */
export type Kernels = Named<"primitive"> & Partial<Named<"fusable">>;

/** What a device can draw: uniform numbers in [from, to), normal ones, ones with probability p. */
export type Draw =
  | { readonly kind: "uniform"; readonly from: number; readonly to: number }
  | { readonly kind: "normal"; readonly mean: number; readonly std: number }
  | { readonly kind: "bernoulli"; readonly p: number };

/**
 * Renews the 624 words of an mt19937 generator `blocks` times and writes 312 bytes each time, from
 * `at` on: 1 where a pair of draws, the high one first, makes a number of 53 bits below `bound`, else
 * 0. Where `isOdd`, the last old word is the first of a pair, and so is the last new one. False where
 * nothing was done.
 */
export type BernoulliBlocks = (
  words: Uint32Array,
  isOdd: boolean,
  out: Uint8Array,
  at: number,
  blocks: number,
  bound: number,
) => boolean;

/** A device. The value itself is what `{ device }` and `tensor.to()` take. */
export interface Backend {
  readonly name: string;
  readonly contract: number;
  readonly capabilities: Capabilities;
  /** A buffer of `count` elements; what it holds is not said. */
  allocate(dtype: DType, count: number): Buffer;
  /** Gives a buffer back; the backend may hand it out again. */
  free(buffer: Buffer): void;
  /** Copies host data into a buffer. */
  write(buffer: Buffer, elementOffset: number, data: TypedArray): void;
  /** A snapshot, at the time of the call, of `count` elements. */
  read(buffer: Buffer, elementOffset: number, count: number): Promise<TypedArray>;
  /** `read` at once, where `capabilities.syncRead` says so. */
  readSync?(buffer: Buffer, elementOffset: number, count: number): TypedArray;
  /** Resolves when all work so far is done; rejects with what failed. */
  sync?(): Promise<void>;
  /**
   * Fills a contiguous float32 view with draws of its own; without it the host draws and uploads.
   * `key` is 64 random bits of the generator, the high half first: they name the stream.
   */
  draw?(output: View, draw: Draw, key: readonly [high: number, low: number]): void;
  /** Makes the host's Bernoulli draws faster, where the backend can: the same ones. */
  bernoulliBlocks?: BernoulliBlocks;
  readonly kernels: Kernels;
}
