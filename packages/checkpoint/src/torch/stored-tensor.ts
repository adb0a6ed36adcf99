// A tensor that stands in a file and has not been read: where its elements lie, and how.
import { byteLengthOf, type DType } from "@tead/tensor";

/** The elements that one or several tensors of a file share. */
export interface StoredStorage {
  /** Its name in the file. */
  readonly key: string;
  readonly dtype: DType;
  /** The device that it was saved from, in PyTorch's words: `"cpu"`, `"cuda:0"`. */
  readonly location: string;
  /** Elements. */
  readonly count: number;
}

/** A tensor of a file that {@link torchOpen} opened, not read yet. */
export class StoredTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  /** Where in the storage it begins, in elements. */
  readonly offset: number;
  readonly requiresGrad: boolean;
  /** Whether it is an `nn.Parameter`. */
  readonly isParameter: boolean;
  /** What it is a view of; undefined for a tensor of the meta device, which has no values. */
  readonly storage: StoredStorage | undefined;

  /** @internal */
  constructor(fields: Omit<StoredTensor, "byteLength" | "span">) {
    this.dtype = fields.dtype;
    this.shape = fields.shape;
    this.strides = fields.strides;
    this.offset = fields.offset;
    this.requiresGrad = fields.requiresGrad;
    this.isParameter = fields.isParameter;
    this.storage = fields.storage;
  }

  /** Bytes that reading it alone reads. */
  get byteLength(): number {
    return this.storage === undefined ? 0 : this.span() * byteLengthOf(this.dtype);
  }

  /** How many elements lie from its first to its last. @internal */
  span(): number {
    return spanOf(this.shape, this.strides);
  }
}

/** How many elements of its storage a view reaches over, from its first to its last. */
export function spanOf(shape: readonly number[], strides: readonly number[]): number {
  if (shape.includes(0)) return 0;
  return shape.reduce((span, size, i) => span + (size - 1) * (strides[i] as number), 1);
}
