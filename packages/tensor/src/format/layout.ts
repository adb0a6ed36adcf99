// Nested brackets, line breaks and the ellipses of a summary. Knows texts only, no numbers.
import type { ElementTexts } from "./elements.ts";
import type { PrintOptions } from "./options.ts";

/** A shape as it is printed: long dimensions keep their two ends when the tensor is summarized. */
interface PrintedDim {
  readonly size: number;
  /** How many items stand before the ellipsis, if there is one. */
  readonly cut: number | undefined;
}

/** The dimensions as printed. */
function printedDims(shape: readonly number[], options: PrintOptions): PrintedDim[] {
  const { threshold, edgeItems } = options;
  const summarize = numelOf(shape) > threshold;
  return shape.map((size) =>
    summarize && size > 2 * edgeItems
      ? { size: 2 * edgeItems, cut: edgeItems }
      : { size, cut: undefined },
  );
}

/** The positions, in row-major order, of the elements that are printed. */
export function printedIndices(shape: readonly number[], options: PrintOptions): number[] {
  let indices = [0];
  printedDims(shape, options).forEach(({ size, cut }, dim) => {
    const full = shape[dim]!;
    const next: number[] = [];
    for (const index of indices) {
      for (let i = 0; i < size; i++) {
        const position = cut !== undefined && i >= cut ? full - size + i : i;
        next.push(index * full + position);
      }
    }
    indices = next;
  });
  return indices;
}

/** Brackets and lines around the texts of the printed elements; `indent` is where the first stands. */
export function layOut(
  shape: readonly number[],
  { texts, width }: ElementTexts,
  indent: number,
  options: PrintOptions,
): string {
  const dims = printedDims(shape, options);
  if (dims.length === 0) return texts[0]!;
  const strides = dims.map((_, i) => dims.slice(i + 1).reduce((n, { size }) => n * size, 1));

  const row = (start: number, { size, cut }: PrintedDim, column: number): string => {
    const items = withEllipsis(texts.slice(start, start + size), cut, " ...");
    const perLine = Math.max(1, Math.floor((options.lineWidth - column) / (width + 2)));
    const lines: string[] = [];
    for (let i = 0; i < items.length; i += perLine) {
      lines.push(items.slice(i, i + perLine).join(", "));
    }
    return `[${lines.join(`,\n${" ".repeat(column + 1)}`)}]`;
  };

  const block = (start: number, dim: number): string => {
    const printed = dims[dim]!;
    const column = indent + dim;
    if (dim === dims.length - 1) return row(start, printed, column);
    const parts = Array.from({ length: printed.size }, (_, i) =>
      block(start + i * strides[dim]!, dim + 1),
    );
    const gap = `,${"\n".repeat(dims.length - 1 - dim)}${" ".repeat(column + 1)}`;
    return `[${withEllipsis(parts, printed.cut, "...").join(gap)}]`;
  };

  return block(0, 0);
}

/** How many elements a shape has. */
export function numelOf(shape: readonly number[]): number {
  return shape.reduce((n, size) => n * size, 1);
}

function withEllipsis(parts: string[], cut: number | undefined, ellipsis: string): string[] {
  if (cut === undefined) return parts;
  return [...parts.slice(0, cut), ellipsis, ...parts.slice(cut)];
}
