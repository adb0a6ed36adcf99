// How tensors are printed: the options, their defaults, and the one place where they are kept.

/** How tensors are printed. */
export interface PrintOptions {
  /** Digits after the point of floating-point numbers (default 4). */
  readonly precision: number;
  /** The number of elements up to which all are printed (default 1000). */
  readonly threshold: number;
  /** How many elements of each end of a dimension a summary shows (default 3). */
  readonly edgeItems: number;
  /** Characters in a line (default 80). */
  readonly lineWidth: number;
  /** Whether numbers are written as 1.0000e+00; by default where their sizes call for it. */
  readonly sciMode: boolean | undefined;
}

/** What {@link setPrintOptions} takes. */
export interface PrintOptionChanges extends Partial<PrintOptions> {
  /** A set of values that the other options then override. */
  readonly profile?: "default" | "short" | "full";
}

const profiles = {
  default: { precision: 4, threshold: 1000, edgeItems: 3, lineWidth: 80 },
  short: { precision: 2, threshold: 1000, edgeItems: 2, lineWidth: 80 },
  full: { precision: 4, threshold: Number.POSITIVE_INFINITY, edgeItems: 3, lineWidth: 80 },
} as const;

// On a global symbol, so that two copies of the package print alike.
const key = Symbol.for("tead.printOptions");
const globals = globalThis as { [key]?: PrintOptions };
globals[key] ??= { ...profiles.default, sciMode: undefined };

/** The options in force. */
export function getPrintOptions(): PrintOptions {
  return globals[key]!;
}

/**
 * Changes how tensors are printed, as `torch.set_printoptions` does. Options that are not given stay
 * as they are, except `sciMode`, which each call sets anew: without it, PyTorch's choice by size.
 *
 * @throws RangeError if an option is out of range
 * @throws TypeError if `profile` is unknown
 * @see https://pytorch.org/docs/stable/generated/torch.set_printoptions.html
 * @example
 * import { formatTensor, setPrintOptions } from "@tead/tensor";
 * import assert from "node:assert/strict";
 *
 * setPrintOptions({ precision: 2 });
 * assert.equal(formatTensor({ data: [1.12345], shape: [1], dtype: "float32" }), "tensor([1.12])");
 * setPrintOptions({ profile: "default" });
 */
export function setPrintOptions(changes: PrintOptionChanges): void {
  const { profile, ...given } = changes;
  if (profile !== undefined && !Object.hasOwn(profiles, profile)) {
    throw new TypeError(
      `setPrintOptions: Cannot use profile: expected "default", "short" or "full", ` +
        `received ${JSON.stringify(profile)}`,
    );
  }
  const base = profile === undefined ? getPrintOptions() : profiles[profile];
  globals[key] = mergeOptions("setPrintOptions", { ...base, sciMode: undefined }, given);
}

/** `base` with the options that `changes` gives, checked. */
export function mergeOptions(
  caller: string,
  base: PrintOptions,
  changes: Partial<PrintOptions>,
): PrintOptions {
  const merged = {
    precision: changes.precision ?? base.precision,
    threshold: changes.threshold ?? base.threshold,
    edgeItems: changes.edgeItems ?? base.edgeItems,
    lineWidth: changes.lineWidth ?? base.lineWidth,
    sciMode: changes.sciMode ?? base.sciMode,
  };
  checkRange(caller, "precision", merged.precision, 0, 100);
  checkRange(caller, "threshold", merged.threshold, 0, Number.POSITIVE_INFINITY);
  checkRange(caller, "edgeItems", merged.edgeItems, 1, Number.POSITIVE_INFINITY);
  checkRange(caller, "lineWidth", merged.lineWidth, 1, Number.POSITIVE_INFINITY);
  return merged;
}

function checkRange(caller: string, name: string, value: number, low: number, high: number): void {
  const whole = Number.isInteger(value) || value === Number.POSITIVE_INFINITY;
  if (whole && value >= low && value <= high) return;
  throw new RangeError(
    `${caller}: Cannot use ${name}: expected an integer in [${low}, ${high}], received ${value}`,
  );
}
