// What layers with parameters share: where and in which dtype they make them.
import type { Backend, DType, Sizes, TensorOptions } from "@tead/tensor";

/** Where a layer makes its parameters, and of which dtype. */
export interface FactoryOptions {
  /** The device; the default device unless said. */
  readonly device?: Backend;
  /** A float dtype; float32 unless said. */
  readonly dtype?: DType;
}

/** Only what creation functions take. */
export const factory = ({ device, dtype }: FactoryOptions): TensorOptions => ({
  ...(device && { device }),
  ...(dtype && { dtype }),
});

/** Refuses a size that is no integer of at least `least`. */
export function checkSize(layer: string, name: string, value: number, least = 0): void {
  if (!Number.isInteger(value) || value < least)
    throw new RangeError(
      `${layer}: Argument ${name} is not valid: expected an integer of at least ${least}, received ${value}`,
    );
}

/** One number for each spatial dim, checked. */
export function perDim(
  layer: string,
  name: string,
  value: Sizes,
  rank: number,
  least: number,
): readonly number[] {
  // Callers without types may leave it out.
  const sizes = typeof value === "number" ? new Array<number>(rank).fill(value) : (value ?? []);
  if (sizes.length !== rank || sizes.some((size) => !Number.isInteger(size) || size < least))
    throw new RangeError(
      `${layer}: Argument ${name} is not valid: expected ${rank === 1 ? "1 integer" : `1 or ${rank} integers`} ` +
        `of at least ${least}, received ${Array.isArray(value) ? `[${value.join(", ")}]` : value}`,
    );
  return sizes;
}
