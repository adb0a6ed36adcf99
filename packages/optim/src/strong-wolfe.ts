// The line search of LBFGS: a step length that satisfies the strong Wolfe conditions.
import type { Tensor } from "@tead/tensor";

/** A point on the line: how far along, with loss, gradient, and gradient along the line. */
export interface LinePoint {
  readonly t: number;
  readonly loss: number;
  readonly grad: Tensor;
  readonly slope: number;
}
type Bracket = [LinePoint, LinePoint];

/** The sufficient decrease, the curvature, and the shortest bracket to look into. */
const [C1, C2, SHORTEST] = [1e-4, 0.9, 1e-9];

/** Where the cubic through two points with their slopes is lowest, within bounds. */
function cubicMinimum(a: LinePoint, b: LinePoint, bounds: readonly [number, number]): number {
  const d1 = a.slope + b.slope - (3 * (a.loss - b.loss)) / (a.t - b.t);
  const square = d1 ** 2 - a.slope * b.slope;
  if (!(square >= 0)) return (bounds[0] + bounds[1]) / 2;
  const d2 = Math.sqrt(square);
  const [near, far] = a.t <= b.t ? [a, b] : [b, a];
  const share = (far.slope + d2 - d1) / (far.slope - near.slope + 2 * d2);
  const lowest = far.t - (far.t - near.t) * share;
  return Math.min(Math.max(lowest, bounds[0]), bounds[1]);
}

/**
 * Searches along a line from `start`, whose `t` is 0, with `t` as the first guess, and at most
 * `maxProbes` others. Gives the point and how many points were looked at.
 */
export async function strongWolfe(
  probe: (t: number) => Promise<LinePoint>,
  start: LinePoint,
  t: number,
  directionSize: number,
  maxProbes: number,
): Promise<{ readonly point: LinePoint; readonly probes: number }> {
  const tooHigh = (p: LinePoint): boolean => p.loss > start.loss + C1 * p.t * start.slope;
  const flatEnough = (p: LinePoint): boolean => Math.abs(p.slope) <= -C2 * start.slope;

  // Go on until a minimum must lie between two points.
  let [previous, point, probes] = [start, await probe(t), 1];
  let bracket: Bracket | undefined;
  while (probes <= maxProbes) {
    const rising = probes > 2 && point.loss >= previous.loss;
    if (!(tooHigh(point) || rising) && flatEnough(point)) return { point, probes };
    if (tooHigh(point) || rising || point.slope >= 0) {
      bracket = [previous, point];
      break;
    }
    const bounds = [point.t + 0.01 * (point.t - previous.t), point.t * 10] as const;
    const next = cubicMinimum(previous, point, bounds);
    previous = point;
    point = await probe(next);
    probes++;
  }
  const found = bracket ?? ([start, point] satisfies Bracket);

  // Narrow the bracket; one end is the lowest point so far.
  const lowOf = ([a, b]: Bracket): 0 | 1 => (a.loss <= b.loss ? 0 : 1);
  let [low, stuck] = [lowOf(found), false];
  while (probes <= maxProbes) {
    const ends = [Math.min(found[0].t, found[1].t), Math.max(found[0].t, found[1].t)] as const;
    if ((ends[1] - ends[0]) * directionSize < SHORTEST) break;
    const guess = cubicMinimum(...found, ends);
    const inside = insideBracket(guess, ends, stuck);
    stuck = inside.stuck;
    point = await probe(inside.t);
    probes++;
    const high = low === 0 ? 1 : 0;
    if (tooHigh(point) || point.loss >= found[low].loss) {
      found[high] = point;
      low = lowOf(found);
      continue;
    }
    const done = flatEnough(point);
    if (!done && point.slope * (found[high].t - found[low].t) >= 0) found[high] = found[low];
    found[low] = point;
    if (done) break;
  }
  return { point: found[low], probes };
}

/** Moves a guess that keeps to one end of the bracket a tenth of the way in. */
function insideBracket(
  t: number,
  [least, most]: readonly [number, number],
  stuck: boolean,
): { readonly t: number; readonly stuck: boolean } {
  const margin = 0.1 * (most - least);
  if (!(Math.min(most - t, t - least) < margin)) return { t, stuck: false };
  if (!stuck && t < most && t > least) return { t, stuck: true };
  const moved = Math.abs(t - most) < Math.abs(t - least) ? most - margin : least + margin;
  return { t: moved, stuck: false };
}
