// Normalization and its gradient over any layout, in float64: the definition for every dtype. The
// elements of one mean are `runs` runs of `length`, run r of mean s starting at (r * means + s) *
// length; weight and bias change every `step` elements of a run.

type Floats = Float32Array | Float64Array;

export interface NormSizes {
  readonly means: number;
  readonly runs: number;
  readonly length: number;
  /** How many elements of a run share a weight. */
  readonly step: number;
  /** The first weight of each mean: (s mod `cycle`) * length / step. */
  readonly cycle: number;
}

const count = ({ runs, length }: NormSizes): number => runs * length;
const firstWeight = ({ cycle, length, step }: NormSizes, s: number): number =>
  (s % cycle) * (length / step);

/** The mean and biased variance of each; NaN over nothing. */
export function moments(
  mean: Float64Array,
  variance: Float64Array,
  x: Floats,
  sizes: NormSizes,
): void {
  const { means, runs, length } = sizes;
  for (let s = 0; s < means; s++) {
    let sum = 0;
    for (let r = 0; r < runs; r++) {
      const from = (r * means + s) * length;
      for (let i = from; i < from + length; i++) sum += x[i] as number;
    }
    const center = sum / count(sizes);
    let squares = 0;
    for (let r = 0; r < runs; r++) {
      const from = (r * means + s) * length;
      for (let i = from; i < from + length; i++) {
        const d = (x[i] as number) - center;
        squares += d * d;
      }
    }
    mean[s] = center;
    variance[s] = squares / count(sizes);
  }
}

/** y = (x - mean) / sqrt(variance + eps) * weight + bias */
export function normalize(
  y: Floats,
  x: Floats,
  mean: Floats,
  variance: Floats,
  weight: Floats | undefined,
  bias: Floats | undefined,
  eps: number,
  sizes: NormSizes,
): void {
  const { means, runs, length, step } = sizes;
  for (let s = 0; s < means; s++) {
    const center = mean[s] as number;
    const inverse = 1 / Math.sqrt((variance[s] as number) + eps);
    for (let r = 0; r < runs; r++) {
      let i = (r * means + s) * length;
      let w = firstWeight(sizes, s);
      for (const end = i + length; i < end; w++) {
        const scale = weight === undefined ? inverse : (weight[w] as number) * inverse;
        const shift = bias === undefined ? 0 : (bias[w] as number);
        for (const next = i + step; i < next; i++)
          y[i] = ((x[i] as number) - center) * scale + shift;
      }
    }
  }
}

/**
 * With h = (x - mean) / std and v = g * weight: dx = (v - mean(v) - h * mean(v * h)) / std,
 * dWeight = sum(g * h), dBias = sum(g)
 */
export function normalizeGrad(
  dx: Floats,
  dWeight: Float64Array,
  dBias: Float64Array,
  g: Floats,
  x: Floats,
  mean: Floats,
  variance: Floats,
  weight: Floats | undefined,
  eps: number,
  sizes: NormSizes,
): void {
  const { means, runs, length, step } = sizes;
  dWeight.fill(0);
  dBias.fill(0);
  for (let s = 0; s < means; s++) {
    const center = mean[s] as number;
    const inverse = 1 / Math.sqrt((variance[s] as number) + eps);
    let [sum, product] = [0, 0];
    for (let r = 0; r < runs; r++) {
      let i = (r * means + s) * length;
      let w = firstWeight(sizes, s);
      for (const end = i + length; i < end; w++) {
        let [total, dot] = [0, 0];
        for (const next = i + step; i < next; i++) {
          const grad = g[i] as number;
          total += grad;
          dot += grad * ((x[i] as number) - center);
        }
        dot *= inverse;
        const scale = weight === undefined ? 1 : (weight[w] as number);
        sum += total * scale;
        product += dot * scale;
        dBias[w] = (dBias[w] as number) + total;
        dWeight[w] = (dWeight[w] as number) + dot;
      }
    }
    const shift = sum / count(sizes);
    const slope = (product / count(sizes)) * inverse;
    for (let r = 0; r < runs; r++) {
      let i = (r * means + s) * length;
      let w = firstWeight(sizes, s);
      for (const end = i + length; i < end; w++) {
        const scale = weight === undefined ? 1 : (weight[w] as number);
        for (const next = i + step; i < next; i++) {
          const v = (g[i] as number) * scale;
          dx[i] = (v - shift - ((x[i] as number) - center) * slope) * inverse;
        }
      }
    }
  }
}
