// How the pooling ops decompose: maxima tap by tap, averages as one matrix a dim.

import { uploaded } from "../methods/convert.ts";
import { numelOf, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { type PoolWindows, positionsAt, tapCount } from "./pool-windows.ts";
import { taps } from "./windows.ts";

/**
 * The largest element of each window and its flat position: one tap after the other, the element
 * that a window has there replaces a smaller one, as PyTorch's loop does.
 */
export function largest(x: Tensor, windows: readonly PoolWindows[]): readonly [Tensor, Tensor] {
  const sizes = x.shape.slice(2);
  let best: Tensor | undefined;
  let found: Tensor | undefined;
  for (const tap of taps(windows.map(tapCount))) {
    let value = x;
    let flat = x.newFull([], 0, { dtype: "int32" });
    windows.forEach((window, i) => {
      const positions = positionsAt(window, tap[i] as number);
      const at = uploaded(x.device, "int32", [positions.length], positions);
      const inner = sizes.slice(i + 1);
      value = value.indexSelect(i + 2, at);
      flat = flat.add(at.reshape([-1, ...inner.map(() => 1)]).mul(numelOf(inner)));
    });
    const indices = flat.expand(value.shape);
    if (best === undefined || found === undefined) {
      best = value;
      found = indices;
    } else {
      const wins = value.gt(best).logicalOr(value.isnan());
      best = wins.where(value, best);
      found = wins.where(indices, found);
    }
  }
  if (best !== undefined && found !== undefined) return [best, found.contiguous()];
  const none = [...x.shape.slice(0, 2), ...windows.map(({ start }) => start.length)];
  return [x.newZeros(none), x.newZeros(none, { dtype: "int32" })];
}

/** The mean of each window, or its sum over `divisor`. */
export function average(x: Tensor, windows: readonly PoolWindows[], divisor?: number): Tensor {
  const sizes = x.shape.slice(2);
  return windows.reduce(
    (t: Tensor, window, i) => {
      const matrix = averageMatrix(x, window, sizes[i] as number, divisor === undefined);
      return alongDim(t, i + 2, matrix);
    },
    divisor === undefined ? x : x.div(divisor),
  );
}

/** The transpose of `average`: each window's value back to its elements, over its divisor. */
export function spread(
  g: Tensor,
  sizes: Shape,
  windows: readonly PoolWindows[],
  divisor?: number,
): Tensor {
  return windows.reduce(
    (t: Tensor, window, i) => {
      const matrix = averageMatrix(g, window, sizes[i] as number, divisor === undefined);
      return alongDim(t, i + 2, matrix.t());
    },
    divisor === undefined ? g : g.div(divisor),
  );
}

/** [windows, size]: 1 / count (or 1) where the window covers the element. */
function averageMatrix(
  like: Tensor,
  { start, end, count }: PoolWindows,
  size: number,
  divided: boolean,
): Tensor {
  const double = like.dtype === "float64";
  const values = new (double ? Float64Array : Float32Array)(start.length * size);
  start.forEach((from, i) => {
    const weight = divided ? 1 / (count[i] as number) : 1;
    values.fill(weight, i * size + from, i * size + (end[i] as number));
  });
  return uploaded(like.device, double ? "float64" : "float32", [start.length, size], values);
}

/** The matrix times x along one dim. */
function alongDim(x: Tensor, dim: number, matrix: Tensor): Tensor {
  return x.transpose(dim, -1).matmul(matrix.t()).transpose(dim, -1).contiguous();
}
