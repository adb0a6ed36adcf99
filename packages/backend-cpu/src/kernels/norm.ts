// Normalization and its gradients: SIMD for float32 batch norm, the plain loops otherwise.
import { type Kernel, type Kernels, numelOf, type View } from "@tead/tensor";
import {
  batchNormLayout,
  bufferIsArray,
  groupNormLayout,
  layerNormLayout,
  scatterNumbers,
} from "@tead/tensor/kernel-kit";
import { moments, type NormSizes, normalize, normalizeGrad } from "../twins/norm.ts";
import { type F32Slice, f32Kernels } from "../wasm/index.ts";
import { areSingle, type Floats, read, readOptional, write } from "./floats.ts";

const f32 = f32Kernels();
type Shape = readonly number[];
interface Eps {
  readonly eps: number;
}
interface LayerAttrs extends Eps {
  readonly dims: number;
}
interface GroupAttrs extends Eps {
  readonly groups: number;
}
type Forward<A> = Kernel<readonly [View, View | undefined, View | undefined], A>;
type Backward<A> = Kernel<readonly [View, View, View | undefined, View, View], A>;

function batchSizes(shape: Shape): NormSizes {
  const [n, c, size] = batchNormLayout(shape).shape as [number, number, number];
  return { means: c, runs: n, length: size, step: Math.max(size, 1), cycle: Math.max(c, 1) };
}

function layerSizes(shape: Shape, attrs: LayerAttrs): NormSizes {
  const [rows, size] = layerNormLayout(shape, attrs).shape as [number, number];
  return { means: rows, runs: 1, length: size, step: 1, cycle: 1 };
}

function groupSizes(shape: Shape, attrs: GroupAttrs): NormSizes {
  const layout = groupNormLayout(shape, attrs).shape;
  const [n, groups, channels, size] = layout as [number, number, number, number];
  const length = channels * size;
  return { means: n * groups, runs: 1, length, step: Math.max(size, 1), cycle: groups };
}

const store = (values: Float64Array, view: View): void =>
  scatterNumbers(values, view, bufferIsArray);

const forward =
  <A extends Eps>(sizesOf: (shape: Shape, attrs: A) => NormSizes, isFast: boolean): Forward<A> =>
  ({ inputs, outputs, attrs }) => {
    const [x, weight, bias] = inputs;
    const [out, mean, variance] = outputs as readonly [View, View, View];
    const sizes = sizesOf(x.shape, attrs);
    const centers = new Float64Array(sizes.means);
    const spreads = new Float64Array(sizes.means);
    const [data, scale, shift] = [read(x), readOptional(weight), readOptional(bias)];
    const fast = isFast && sizes.length > 0 && x.dtype !== "float64";
    if (fast) f32.momentsF32(centers, spreads, data as Float32Array, 0, channelsOf(sizes));
    // Merged moments lose an infinite mean: only the plain sums have it.
    if (!fast || centers.some(Number.isNaN)) moments(centers, spreads, data, sizes);
    write(out, inputs, (y) => {
      if (!fast) {
        normalize(y, data, centers, spreads, scale, shift, attrs.eps, sizes);
        return;
      }
      const inverse = Float32Array.from(spreads, (v) => 1 / Math.sqrt(v + attrs.eps));
      const [channels, each, ofChannel] = affineOf(sizes);
      f32.batchNormF32(
        ...([y as Float32Array, 0, data as Float32Array, 0] as const),
        ...([each(Float32Array.from(centers)), each(inverse)] as const),
        ...([scale && ofChannel(scale), shift && ofChannel(shift)] as const),
        channels,
      );
    });
    store(centers, mean);
    store(spreads, variance);
  };

const channelsOf = ({ runs, means, length }: NormSizes) => ({
  batch: runs,
  channels: means,
  size: length,
});

/**
 * Normalized values are scaled channel by channel: the channels, and what spreads the numbers of each mean, and of weight and
 * bias, over them. A group has several channels, each with a weight of its own.
 */
function affineOf({ runs, means, length, step, cycle }: NormSizes) {
  const inside = length / step;
  const channels = means * inside;
  const spread =
    (indexOf: (channel: number) => number) =>
    (data: Floats): F32Slice =>
      slice(
        data.length === channels
          ? data
          : Float32Array.from({ length: channels }, (_, i) => data[indexOf(i)] as number),
      );
  const each = spread((i) => Math.floor(i / inside));
  const ofChannel = spread((i) => i % (cycle * inside));
  return [{ batch: runs, channels, size: step }, each, ofChannel] as const;
}

const slice = (data: Floats) => ({ data: data as Float32Array, offset: 0 });
const maybe = (data: Floats | undefined) => (data === undefined ? undefined : slice(data));

const backward =
  <A extends Eps>(sizesOf: (shape: Shape, attrs: A) => NormSizes, isBatch: boolean): Backward<A> =>
  ({ inputs, outputs, attrs }) => {
    const [grad, x, weight, mean, variance] = inputs;
    const [out, outWeight, outBias] = outputs as readonly [View, View, View];
    const sizes = sizesOf(x.shape, attrs);
    const [g, data, scale] = [read(grad), read(x), readOptional(weight)];
    const [centers, spreads] = [read(mean), read(variance)];
    if (isBatch && areSingle([...inputs, ...outputs])) {
      const inverse = Float32Array.from(spreads, (v) => 1 / Math.sqrt(v + attrs.eps));
      const [gradWeight, gradBias] = [
        slice(new Float32Array(sizes.means)),
        slice(new Float32Array(sizes.means)),
      ];
      write(out, inputs, (dx) =>
        f32.batchNormGradF32(
          {
            gradInput: slice(dx),
            gradWeight,
            gradBias,
            gradOut: slice(g),
            input: slice(data),
            mean: slice(centers),
            invStd: slice(inverse),
            weight: maybe(scale),
            training: true,
          },
          channelsOf(sizes),
        ),
      );
      scatterNumbers(gradWeight.data, outWeight, bufferIsArray);
      scatterNumbers(gradBias.data, outBias, bufferIsArray);
      return;
    }
    const dWeight = new Float64Array(numelOf(outWeight.shape));
    const dBias = new Float64Array(numelOf(outBias.shape));
    const gradient =
      sizes.length > 0 && areSingle([...inputs, ...outputs]) ? f32.normalizeGradF32 : normalizeGrad;
    write(out, inputs, (dx) => {
      gradient(dx, dWeight, dBias, g, data, centers, spreads, scale, attrs.eps, sizes);
    });
    store(dWeight, outWeight);
    store(dBias, outBias);
  };

/** The rows and columns that layer norm sees, if SIMD takes the operands. */
function rowsOf(
  views: readonly (View | undefined)[],
  shape: Shape,
  attrs: LayerAttrs,
): readonly [rows: number, columns: number] | undefined {
  if (!areSingle(views)) return undefined;
  const { means, length } = layerSizes(shape, attrs);
  // The mean of nothing is NaN: the plain loops know.
  return length === 0 ? undefined : [means, length];
}

const slowLayer = forward(layerSizes, false);
const layerNorm: Forward<LayerAttrs> = (call) => {
  const { inputs, outputs, attrs } = call;
  const [x, weight, bias] = inputs;
  const [out, mean, variance] = outputs as readonly [View, View, View];
  const size = rowsOf([...inputs, ...outputs], x.shape, attrs);
  if (size === undefined) {
    slowLayer(call);
    return;
  }
  const [rows, columns] = size;
  const [centers, spreads] = [new Float32Array(rows), new Float32Array(rows)];
  const [data, scale, shift] = [read(x), readOptional(weight), readOptional(bias)];
  write(out, inputs, (y) =>
    f32.layerNormF32(
      ...([y, centers, spreads, data, scale, shift] as [
        Float32Array,
        Float32Array,
        Float32Array,
        Float32Array,
        Float32Array | undefined,
        Float32Array | undefined,
      ]),
      rows,
      columns,
      attrs.eps,
    ),
  );
  scatterNumbers(centers, mean, bufferIsArray);
  scatterNumbers(spreads, variance, bufferIsArray);
};

const slowLayerGrad = backward(layerSizes, false);
const layerNormGrad: Backward<LayerAttrs> = (call) => {
  const { inputs, outputs, attrs } = call;
  const [grad, x, weight, mean, variance] = inputs;
  const [out, outWeight, outBias] = outputs as readonly [View, View, View];
  const size = rowsOf([...inputs, ...outputs], x.shape, attrs);
  if (size === undefined) {
    slowLayerGrad(call);
    return;
  }
  const [rows, columns] = size;
  const [dWeight, dBias] = [new Float64Array(columns), new Float64Array(columns)];
  const [g, data, centers, spreads] = [grad, x, mean, variance].map(read) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const scale = readOptional(weight) as Float32Array | undefined;
  write(out, inputs, (dx) =>
    f32.layerNormGradF32(
      ...([dx as Float32Array, dWeight, dBias, g, data, centers, spreads, scale] as const),
      ...([rows, columns, attrs.eps] as const),
    ),
  );
  store(dWeight, outWeight);
  store(dBias, outBias);
};

export const normKernels: Partial<Kernels> = {
  batchNorm: forward(batchSizes, true),
  batchNormGrad: backward(batchSizes, true),
  layerNorm,
  layerNormGrad,
  groupNorm: forward(groupSizes, true),
  groupNormGrad: backward(groupSizes, false),
};
