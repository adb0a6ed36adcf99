// Walking views of one shape run by run: dims that lie in memory as one are merged first, so that a
// contiguous tensor is one run and a bias is added row by row.
import { isContiguous, numelOf, type View } from "@tead/tensor";

/** One run of `count` elements of up to three views: where it starts and how far apart elements are. */
export interface Run {
  count: number;
  outAt: number;
  outStep: number;
  aAt: number;
  aStep: number;
  bAt: number;
  bStep: number;
}

const run: Run = { count: 0, outAt: 0, outStep: 0, aAt: 0, aStep: 0, bAt: 0, bStep: 0 };

/** Whether the view is float32 and in a buffer. */
export const isPlain = (view: View): boolean =>
  view.dtype === "float32" && view.scalar === undefined;

/** Whether writing `out` front to back leaves `input` intact until it has been read there. */
export function isSafe(input: View, out: View): boolean {
  if (input.buffer !== out.buffer) return true;
  return (
    input.offset === out.offset && input.strides.every((stride, i) => stride === out.strides[i])
  );
}

/** Calls `visit` for each run; the same object every time. `b` may be absent. */
export function eachRun(out: View, a: View, b: View | undefined, visit: (run: Run) => void): void {
  run.outAt = out.offset;
  run.aAt = a.offset;
  run.bAt = b === undefined ? 0 : b.offset;
  if (isContiguous(out) && isContiguous(a) && (b === undefined || isContiguous(b))) {
    run.count = numelOf(out.shape);
    run.outStep = run.aStep = run.bStep = 1;
    if (run.count > 0) visit(run);
    return;
  }
  walk(merged(out, a, b), visit);
}

interface Dims {
  readonly sizes: number[];
  readonly out: number[];
  readonly a: number[];
  readonly b: number[];
}

/** The dims without those of size 1, neighbours that lie as one in all views made one. */
function merged(out: View, a: View, b: View | undefined): Dims {
  const dims: Dims = { sizes: [], out: [], a: [], b: [] };
  for (let d = 0; d < out.shape.length; d++) {
    const size = out.shape[d] as number;
    if (size === 1) continue;
    const [o, x, y] = [out.strides[d], a.strides[d], b?.strides[d] ?? 0] as [
      number,
      number,
      number,
    ];
    const last = dims.sizes.length - 1;
    const joins =
      last >= 0 &&
      dims.out[last] === o * size &&
      dims.a[last] === x * size &&
      dims.b[last] === y * size;
    const at = joins ? last : last + 1;
    dims.sizes[at] = joins ? (dims.sizes[last] as number) * size : size;
    dims.out[at] = o;
    dims.a[at] = x;
    dims.b[at] = y;
  }
  return dims;
}

function walk({ sizes, out, a, b }: Dims, visit: (run: Run) => void): void {
  const last = sizes.length - 1;
  run.count = sizes[last] ?? 1;
  run.outStep = out[last] ?? 1;
  run.aStep = a[last] ?? 1;
  run.bStep = b[last] ?? 1;
  if (sizes.includes(0)) return;
  const index = new Array<number>(Math.max(last, 0)).fill(0);
  for (;;) {
    visit(run);
    let d = last - 1;
    for (; d >= 0; d--) {
      const size = sizes[d] as number;
      const i = (index[d] as number) + 1;
      const back = i === size ? 1 - size : 1;
      index[d] = i === size ? 0 : i;
      run.outAt += back * (out[d] as number);
      run.aAt += back * (a[d] as number);
      run.bAt += back * (b[d] as number);
      if (i !== size) break;
    }
    if (d < 0) return;
  }
}
