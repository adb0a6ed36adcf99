// One text for each element, all of one width: PyTorch's choice between 1., 1.0000 and 1.0000e+00.
import { type DType, isFloat } from "../dtype.ts";
import { formatExponent, formatFixed } from "./numbers.ts";
import type { PrintOptions } from "./options.ts";

/** An element as data() gives it. */
export type Element = number | bigint | boolean;

/** Texts of the elements and the width that they were padded to. */
export interface ElementTexts {
  readonly texts: readonly string[];
  readonly width: number;
}

/** Writes elements as PyTorch does, right-aligned to the widest. */
export function formatElements(
  elements: readonly Element[],
  dtype: DType,
  options: PrintOptions,
): ElementTexts {
  if (isFloat(dtype)) return formatFloats(elements.map(Number), options);
  const texts = elements.map((element) =>
    dtype === "bool" ? (element ? "True" : "False") : String(element),
  );
  const width = widest(texts);
  return { texts: texts.map((text) => text.padStart(width)), width };
}

function formatFloats(values: readonly number[], options: PrintOptions): ElementTexts {
  const { precision } = options;
  // Zeros, infinities and NaN have no say in the notation and the width.
  const counted = values.filter((value) => Number.isFinite(value) && value !== 0);
  const whole = counted.every(Number.isInteger);
  const large = isSpread(counted, whole);
  const inNotation = (scientific: boolean, value: number): string => {
    if (scientific) return formatExponent(value, precision);
    if (!whole) return formatFixed(value, precision);
    return formatFixed(value, 0) + (Number.isFinite(value) ? "." : "");
  };
  // As in PyTorch, sciMode changes the notation but not the width, and neither where nothing counts.
  const width = widest(counted.map((value) => inNotation(large, value)));
  const scientific = counted.length > 0 && (options.sciMode ?? large);
  return { texts: values.map((value) => inNotation(scientific, value).padStart(width)), width };
}

/** Whether plain digits would be too long, or lose the small values. */
function isSpread(counted: readonly number[], whole: boolean): boolean {
  if (counted.length === 0) return false;
  let least = Number.POSITIVE_INFINITY;
  let greatest = 0;
  for (const value of counted) {
    least = Math.min(least, Math.abs(value));
    greatest = Math.max(greatest, Math.abs(value));
  }
  return greatest / least > 1000 || greatest > 1e8 || (!whole && least < 1e-4);
}

function widest(texts: readonly string[]): number {
  return texts.reduce((width, text) => Math.max(width, text.length), 1);
}
