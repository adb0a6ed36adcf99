// Where the elements of a resized dim come from: PyTorch's coordinates, one dim at a time.

/** How one dim is resized. */
export interface Resize {
  readonly inputSize: number;
  readonly outputSize: number;
  /** The factor that was asked for; `undefined` where the sizes give it. */
  readonly scale: number | undefined;
  readonly alignCorners: boolean;
}
/** One input position and its weight for each output position. */
export interface Tap {
  readonly index: Int32Array;
  readonly weight: Float64Array;
}

/** The input elements that one output element spans. */
const step = ({ inputSize, outputSize, scale }: Resize): number =>
  scale === undefined ? inputSize / outputSize : 1 / scale;

/** Nearest positions, in float32 as PyTorch computes them; `center` by the centers of pixels. */
export function nearestIndex(resize: Resize, center: boolean): Int32Array {
  const { inputSize, outputSize } = resize;
  const width = Math.fround(step(resize));
  return Int32Array.from({ length: outputSize }, (_, i) => {
    if (inputSize === outputSize) return i;
    if (!center && outputSize === 2 * inputSize) return i >> 1;
    const source = Math.floor(Math.fround((center ? i + 0.5 : i) * width));
    return Math.min(source, inputSize - 1);
  });
}

/** The place in the input of output position i. */
function place(resize: Resize, i: number): number {
  const { inputSize, outputSize, alignCorners } = resize;
  if (alignCorners) return outputSize > 1 ? (i * (inputSize - 1)) / (outputSize - 1) : 0;
  return (i + 0.5) * step(resize) - 0.5;
}

function tapsOf(
  { inputSize, outputSize }: Resize,
  offsets: readonly number[],
  weigh: (i: number) => { readonly first: number; readonly weights: readonly number[] },
): Tap[] {
  const each = Array.from({ length: outputSize }, (_, i) => weigh(i));
  return offsets.map((offset, k) => ({
    index: Int32Array.from(each, ({ first }) =>
      Math.min(Math.max(first + offset, 0), inputSize - 1),
    ),
    weight: Float64Array.from(each, ({ weights }) => weights[k] as number),
  }));
}

/** The two neighbours, weighted by how near they are. */
export function linearTaps(resize: Resize): Tap[] {
  return tapsOf(resize, [0, 1], (i) => {
    const source = Math.max(place(resize, i), 0);
    const first = Math.min(Math.floor(source), resize.inputSize - 1);
    const t = Math.min(source - first, 1);
    return { first, weights: [1 - t, t] };
  });
}

/** Keys' cubic convolution: |x| <= 1, then 1 < |x| < 2. */
const inner = (x: number, a: number): number => ((a + 2) * x - (a + 3)) * x * x + 1;
const outer = (x: number, a: number): number => ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;

/** The four neighbours, weighted by Keys' cubic with a = -0.75. */
export function cubicTaps(resize: Resize): Tap[] {
  const a = -0.75;
  return tapsOf(resize, [-1, 0, 1, 2], (i) => {
    const source = place(resize, i);
    const first = Math.floor(source);
    const t = source - first;
    return {
      first,
      weights: [outer(t + 1, a), inner(t, a), inner(1 - t, a), outer(2 - t, a)],
    };
  });
}

const triangle = (x: number): number => Math.max(0, 1 - Math.abs(x));
const cubic = (x: number): number => {
  const distance = Math.abs(x);
  if (distance < 1) return inner(distance, -0.5);
  return distance < 2 ? outer(distance, -0.5) : 0;
};

/** [outputSize, inputSize], row-major: a filter as wide as what an output element covers. */
export function antialiasMatrix(resize: Resize, mode: "bilinear" | "bicubic"): Float64Array {
  const { inputSize, outputSize, alignCorners } = resize;
  const aligned = outputSize > 1 ? (inputSize - 1) / (outputSize - 1) : 0;
  const scale = alignCorners ? aligned : step(resize);
  const [filter, reach] = mode === "bilinear" ? [triangle, 1] : [cubic, 2];
  const stretch = Math.max(scale, 1);
  const matrix = new Float64Array(outputSize * inputSize);
  for (let i = 0; i < outputSize; i++) {
    const center = scale * (i + 0.5);
    const start = Math.max(Math.trunc(center - reach * stretch + 0.5), 0);
    const end = Math.min(Math.trunc(center + reach * stretch + 0.5), inputSize);
    let total = 0;
    for (let j = start; j < end; j++) total += filter((j - center + 0.5) / stretch);
    for (let j = start; j < end; j++)
      matrix[i * inputSize + j] = filter((j - center + 0.5) / stretch) / total;
  }
  return matrix;
}
