// Walking over strided operands: dims that lie one after the other are merged, and the shader's
// index arithmetic is written out for the ranks that are left.
import { type Shape, UnsupportedError, type View } from "@tead/tensor";
import type { Param } from "../gpu/program.ts";

/** Invocations of a workgroup where each has an element or a row of its own. */
export const workgroupSize = 64;

/** Several operands over one shape. */
export interface Walk {
  readonly shape: readonly number[];
  /** One list of strides for each operand. */
  readonly strides: readonly (readonly number[])[];
}

/** Drops dims of size 1 and merges each dim with the next where all operands allow it. */
export function merged({ shape, strides }: Walk): Walk {
  const sizes: number[] = [];
  const steps: number[][] = strides.map(() => []);
  shape.forEach((size, dim) => {
    if (size === 1) return;
    const last = sizes.length - 1;
    const continues =
      last >= 0 && steps.every((own, k) => own[last] === size * (strides[k]?.[dim] as number));
    if (!continues) sizes.push(size);
    else sizes[last] = (sizes[last] as number) * size;
    steps.forEach((own, k) => {
      own[continues ? last : last + 1] = strides[k]?.[dim] as number;
    });
  });
  return { shape: sizes, strides: steps };
}

/** The ranks that shaders are written for. */
const ranks = [1, 2, 4, 8, 16] as const;

/** The walk with leading dims of size 1, up to a rank that shaders are written for. */
export function padded({ shape, strides }: Walk): Walk {
  const rank = ranks.find((most) => most >= shape.length);
  if (rank === undefined)
    throw new UnsupportedError(
      `webgpu: Tensor has too many dims: expected at most ${ranks.at(-1)} that cannot be merged, ` +
        `received ${shape.length}`,
      { hint: "call contiguous() first" },
    );
  const lead = new Array<number>(rank - shape.length);
  return {
    shape: [...lead.fill(1), ...shape],
    strides: strides.map((own) => [...lead.fill(0), ...own]),
  };
}

/** The params that `offsetsCode` reads: the sizes but the first, then each operand's place. */
export function walkParams(rank: number, names: readonly string[], prefix = ""): Param[] {
  const u32 = (name: string): Param => ({ name, type: "u32" });
  const dims = Array.from({ length: rank }, (_, d) => d);
  return [
    ...dims.slice(1).map((d) => u32(`${prefix}size${d}`)),
    ...names.flatMap((name) => dims.map((d) => u32(`${name}_${prefix}${d}`))),
  ];
}

/** The values of those params, in their order. */
export function walkValues({ shape, strides }: Walk): number[] {
  return [...shape.slice(1), ...strides.flat()];
}

/**
 * Statements that turn the flat number `from` into `name_at`, each operand's place relative to its
 * offset.
 */
export function offsetsCode(
  rank: number,
  names: readonly string[],
  from: string,
  prefix = "",
): string {
  const lines: string[] = [];
  const at = (d: number): string => `${prefix}at${d}`;
  lines.push(`var ${prefix}rest = ${from};`);
  for (let d = rank - 1; d > 0; d--)
    lines.push(
      `let ${at(d)} = ${prefix}rest % p.${prefix}size${d};`,
      `${prefix}rest /= p.${prefix}size${d};`,
    );
  lines.push(`let ${at(0)} = ${prefix}rest;`);
  for (const name of names) {
    const terms = Array.from({ length: rank }, (_, d) => `${at(d)} * p.${name}_${prefix}${d}`);
    lines.push(`let ${name}_${prefix}at = ${terms.join(" + ")};`);
  }
  return lines.join("\n");
}

/** Whether two views show the same elements in the same order. */
export function sameGeometry(a: Walkable, b: Walkable): boolean {
  return (
    a.offset === b.offset &&
    a.shape.length === b.shape.length &&
    a.shape.every((size, i) => size === b.shape[i] && (size <= 1 || a.strides[i] === b.strides[i]))
  );
}
type Walkable = Pick<View, "shape" | "strides" | "offset">;

/** [outer, size, inner] element counts around one dim. */
export function around(shape: Shape, dim: number): readonly [number, number, number] {
  const count = (sizes: Shape): number => sizes.reduce((product, size) => product * size, 1);
  if (shape.length === 0) return [1, 1, 1];
  return [count(shape.slice(0, dim)), shape[dim] as number, count(shape.slice(dim + 1))];
}
