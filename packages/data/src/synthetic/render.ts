// Draws one image of a digit: jittered strokes -> elastic warp -> affine map -> ink -> clutter -> noise.
import type { Glyph, Stroke } from "./glyphs.ts";
import type { DigitRandom } from "./random.ts";

/** Rows and columns of an image. */
export const DIGIT_SIZE = 28;

/** Straight pieces between two points of a smooth stroke. */
const PIECES = 5;
/** Nodes a side of the grid of the elastic warp. */
const WARP_NODES = 4;

type Polyline = Float64Array; // x0, y0, x1, y1, ...

/** Draws `glyph` into `out` at `offset`: `DIGIT_SIZE`^2 gray values, dark ground and bright ink. */
export function renderDigit(
  glyph: Glyph,
  random: DigitRandom,
  out: Uint8Array,
  offset: number,
): void {
  const warp = randomWarp(random);
  const map = randomAffine(random);
  const radius = random.uniform(0.75, 1.8);
  const ink = random.uniform(0.6, 1);
  const canvas = new Float64Array(DIGIT_SIZE * DIGIT_SIZE);
  for (const stroke of glyph) {
    const line = flatten(stroke, random);
    for (let i = 0; i < line.length; i += 2) {
      const [x, y] = warp(line[i]!, line[i + 1]!);
      [line[i], line[i + 1]] = map(x, y);
    }
    drawPolyline(canvas, line, radius, ink);
  }
  drawClutter(canvas, random);
  develop(canvas, random, out, offset);
}

/** The stroke's points, each moved a little, joined by pieces short enough to look round. */
function flatten({ points, smooth }: Stroke, random: DigitRandom): Polyline {
  const jittered = points.map(([x, y]) => [
    x + 0.018 * random.normal(),
    y + 0.018 * random.normal(),
  ]) as [number, number][];
  const out: number[] = [...jittered[0]!];
  for (let i = 1; i < jittered.length; i++) {
    const from = jittered[i - 1]!;
    const to = jittered[i]!;
    const before = smooth ? (jittered[i - 2] ?? from) : from;
    const after = smooth ? (jittered[i + 1] ?? to) : to;
    for (let piece = 1; piece <= PIECES; piece++) {
      const t = piece / PIECES;
      for (const axis of [0, 1] as const) {
        out.push(
          smooth
            ? catmullRom(before[axis], from[axis], to[axis], after[axis], t)
            : from[axis] + (to[axis] - from[axis]) * t,
        );
      }
    }
  }
  return Float64Array.from(out);
}

/** The curve from `b` to `c` whose slopes follow the neighbours `a` and `d`, at `t` in [0, 1]. */
function catmullRom(a: number, b: number, c: number, d: number, t: number): number {
  const linear = c - a;
  const square = 2 * a - 5 * b + 4 * c - d;
  const cube = 3 * (b - c) + d - a;
  return b + 0.5 * t * (linear + t * (square + t * cube));
}

type PointMap = (x: number, y: number) => [number, number];

/** Moves points by a smooth random field: random vectors on a grid, smoothly interpolated. */
function randomWarp(random: DigitRandom): PointMap {
  const strength = random.uniform(0.015, 0.06);
  const field = Float64Array.from(
    { length: 2 * WARP_NODES * WARP_NODES },
    () => strength * random.normal(),
  );
  const cell = (value: number): [number, number] => {
    const scaled = Math.min(Math.max(value, 0), 0.999) * (WARP_NODES - 1);
    const node = Math.floor(scaled);
    const t = scaled - node;
    return [node, t * t * (3 - 2 * t)];
  };
  return (x, y) => {
    const [column, s] = cell(x);
    const [row, t] = cell(y);
    const shift = (axis: number): number => {
      const at = (r: number, c: number): number => field[2 * (r * WARP_NODES + c) + axis]!;
      const above = at(row, column) * (1 - s) + at(row, column + 1) * s;
      const below = at(row + 1, column) * (1 - s) + at(row + 1, column + 1) * s;
      return above * (1 - t) + below * t;
    };
    return [x + shift(0), y + shift(1)];
  };
}

/** From the unit square to pixels: size, shear, rotation and place. */
function randomAffine(random: DigitRandom): PointMap {
  const width = random.uniform(12, 17);
  const height = random.uniform(17, 21);
  const shear = random.uniform(-0.26, 0.26);
  // tan(angle / 2) instead of the angle, so that sine and cosine are exact arithmetic: +-21 degrees.
  const half = random.uniform(-0.16, 0.16);
  const cos = (1 - half * half) / (1 + half * half);
  const sin = (2 * half) / (1 + half * half);
  const centerX = (DIGIT_SIZE - 1) / 2 + random.uniform(-3, 3);
  const centerY = (DIGIT_SIZE - 1) / 2 + random.uniform(-2.5, 2.5);
  return (x, y) => {
    const v = (y - 0.5) * height;
    const u = (x - 0.5) * width - shear * v;
    return [centerX + cos * u - sin * v, centerY + sin * u + cos * v];
  };
}

/** Paints a round pen of `radius` pixels along the line, with an edge one pixel soft; keeps what is brighter. */
function drawPolyline(canvas: Float64Array, line: Polyline, radius: number, level: number): void {
  for (let i = 0; i + 3 < line.length; i += 2) {
    drawSegment(canvas, line[i]!, line[i + 1]!, line[i + 2]!, line[i + 3]!, radius, level);
  }
}

function drawSegment(
  canvas: Float64Array,
  x0: number,
  y0: number,
  x1: number,
  y1: number,
  radius: number,
  level: number,
): void {
  const reach = radius + 0.5;
  const left = Math.max(Math.ceil(Math.min(x0, x1) - reach), 0);
  const right = Math.min(Math.floor(Math.max(x0, x1) + reach), DIGIT_SIZE - 1);
  const top = Math.max(Math.ceil(Math.min(y0, y1) - reach), 0);
  const bottom = Math.min(Math.floor(Math.max(y0, y1) + reach), DIGIT_SIZE - 1);
  const dx = x1 - x0;
  const dy = y1 - y0;
  const squared = dx * dx + dy * dy;
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const along = squared === 0 ? 0 : ((x - x0) * dx + (y - y0) * dy) / squared;
      const t = Math.min(Math.max(along, 0), 1);
      const ex = x - x0 - t * dx;
      const ey = y - y0 - t * dy;
      const coverage = Math.min(reach - Math.sqrt(ex * ex + ey * ey), 1);
      const at = y * DIGIT_SIZE + x;
      if (coverage > 0 && coverage * level > canvas[at]!) canvas[at] = coverage * level;
    }
  }
}

/** Specks and short strokes that belong to no digit. */
function drawClutter(canvas: Float64Array, random: DigitRandom): void {
  const count = random.below(5);
  for (let i = 0; i < count; i++) {
    const x = random.uniform(0, DIGIT_SIZE);
    const y = random.uniform(0, DIGIT_SIZE);
    const dx = random.uniform(-5, 5);
    const dy = random.uniform(-5, 5);
    const radius = random.uniform(0.3, 0.9);
    drawSegment(canvas, x, y, x + dx, y + dy, radius, random.uniform(0.25, 0.75));
  }
}

/** Adds an uneven ground and grain, and rounds to 8 bits. */
function develop(canvas: Float64Array, random: DigitRandom, out: Uint8Array, offset: number): void {
  const ground = random.uniform(0, 0.18);
  const slopeX = random.uniform(-0.1, 0.1) / DIGIT_SIZE;
  const slopeY = random.uniform(-0.1, 0.1) / DIGIT_SIZE;
  const grain = random.uniform(0.02, 0.09);
  for (let y = 0; y < DIGIT_SIZE; y++) {
    for (let x = 0; x < DIGIT_SIZE; x++) {
      const at = y * DIGIT_SIZE + x;
      const paper = ground + slopeX * x + slopeY * y;
      const light = paper + (1 - paper) * canvas[at]! + grain * random.normal();
      out[offset + at] = Math.min(Math.max(Math.floor(light * 255 + 0.5), 0), 255);
    }
  }
}
