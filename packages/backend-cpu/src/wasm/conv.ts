// Convolution over one to three dims, float32: forward and both gradients, by Winograd's method, by the depthwise kernels or
// as products of packed matrices. The twins, plain loops, are in src/twins/conv.ts.
import { engineFor, parallel, threadsOf } from "../threads/threads.ts";
import * as twins from "../twins/conv.ts";
import type { ConvSizes } from "../twins/conv-columns.ts";
import { cutForward, cutGradInput, cutGradWeight, MOST_TAPS } from "./conv-cut.ts";
import { depthwise, depthwiseGradInput, depthwiseGradWeight } from "./conv-depthwise.ts";
import * as jobs from "./conv-job.ts";
import type { Engine } from "./engine.ts";
import { type Owner, packedWeight } from "./packed-weights.ts";
import { copyIn, copyOut } from "./stage.ts";
import { winogradConv } from "./winograd.ts";
import { winogradForward, winogradGradInput, winogradGradWeight } from "./winograd-choice.ts";
import { winogradWeight } from "./winograd-weight.ts";

export type { ConvSizes } from "../twins/conv-columns.ts";

const { product } = jobs;

/** Rounded up to whole register tiles of this build. */
const padRows = (engine: Engine, rows: number): number => {
  const tile = engine.kernels.matmulRows();
  return Math.ceil(rows / tile) * tile;
};

/** Multiply-adds of the plain sum. */
const costOf = (sizes: ConvSizes): number =>
  (sizes.batch *
    sizes.outChannels *
    sizes.inChannels *
    product(sizes.output) *
    product(sizes.kernel)) /
  sizes.groups;

/** Whether nothing is summed, or a kernel is out of all proportion: the plain loops do it. */
const isOdd = (sizes: ConvSizes): boolean =>
  costOf(sizes) * product(sizes.input) === 0 || product(sizes.kernel) > MOST_TAPS;

const isDepthwise = ({ inChannels, groups }: ConvSizes): boolean => inChannels === groups;

/**
 * out[n, o, i] = bias[o] + sum over c, k of input[n, c, i * stride + k * dilation - padding] weight[o, c, k], dense arrays.
 * What is packed of the weight is kept with its buffer, `owner`, if that is given: see packed-weights.ts.
 */
export function convF32(
  out: Float32Array,
  input: Float32Array,
  weight: Float32Array,
  bias: Float32Array | undefined,
  sizes: ConvSizes,
  owner?: Owner,
): void {
  const winograd = winogradForward(sizes);
  if (isOdd(sizes)) twins.convF32(out, input, weight, bias, sizes);
  else if (winograd) {
    const { channels, outChannels, taps } = winograd;
    const [inPlane, outPlane] = [product(sizes.input), product(sizes.output)];
    for (let group = 0; group < sizes.groups; group++) {
      winogradConv({
        ...{ ...winograd, source: input, out, bias, filters: weight, flipped: false, owner },
        sourceOffset: group * channels * inPlane,
        sourceImage: sizes.inChannels * inPlane,
        outOffset: group * outChannels * outPlane,
        outImage: sizes.outChannels * outPlane,
        biasOffset: group * outChannels,
        filtersOffset: group * outChannels * channels * taps * taps,
      });
    }
  } else if (isDepthwise(sizes)) depthwise(out, input, weight, bias, sizes);
  else multiplyForward(out, input, weight, bias, jobs.flatten(sizes), owner);
}

const multiplyForward = (
  out: Float32Array,
  input: Float32Array,
  weight: Float32Array,
  bias: Float32Array | undefined,
  sizes: ConvSizes,
  owner: Owner | undefined,
): void => {
  const engine = engineFor(costOf(sizes));
  const { groups } = sizes;
  const together = jobs.imagesTogether(sizes);
  const cut = cutForward(sizes, together, threadsOf(engine));
  const perGroup = sizes.outChannels / groups;
  const m = padRows(engine, perGroup);
  const depth = (sizes.inChannels / groups) * product(sizes.kernel);
  const size = groups * m * depth;
  const key = `rows ${weight.byteOffset} ${groups} ${perGroup} ${depth} ${cut.rows}`;
  const packed = packedWeight(engine, owner, key, 4 * size + jobs.SLACK);
  const areas = jobs.layOut(engine, sizes, together, size, groups * m, 0, packed);
  if (!packed?.ready) packForward(engine, areas, sizes, cut.rows, weight);
  if (packed) packed.ready = true;
  for (let group = 0; group < groups; group++) {
    const start = (areas.bias >> 2) + group * m;
    engine.f32.fill(0, start, start + m);
    if (bias) copyIn(engine, start, bias, group * perGroup, perGroup);
  }
  const bands = Math.ceil(product(sizes.output) / cut.positions);
  jobs.eachRound(engine, areas, sizes, cut, together, (round) => {
    round.bringSource(input);
    parallel(engine, "convForward", round.images * groups * bands, [areas.job]);
    round.takeOut(out);
  });
};

/** Packs the weights for `convForward`: for each group [block of rows][panel of output channels][row][channel]. */
const packForward = (
  engine: Engine,
  areas: jobs.Areas,
  { groups, outChannels }: ConvSizes,
  most: number,
  weight: Float32Array,
): void => {
  jobs.stageFilters(engine, areas, weight);
  const perGroup = outChannels / groups;
  const depth = weight.length / outChannels;
  const tile = engine.kernels.matmulRows();
  const m = padRows(engine, perGroup);
  for (let group = 0; group < groups; group++) {
    for (let row = 0; row < depth; row += most) {
      const rows = Math.min(most, depth - row);
      const from = areas.filters + 4 * (group * perGroup * depth + row);
      const to = areas.weights + 4 * (group * depth * m + row * m);
      engine.kernels.packPanels(to, from, depth, 1, perGroup, rows, tile);
    }
  }
};

/** The gradient of `convF32`'s input: gradInput[n, c, j] = sum of gradOut[n, o, i] weight[o, c, k] over all i that read j. */
export function convGradInputF32(
  gradInput: Float32Array,
  gradOut: Float32Array,
  weight: Float32Array,
  sizes: ConvSizes,
  owner?: Owner,
): void {
  const winograd = winogradGradInput(sizes);
  if (isOdd(sizes)) twins.convGradInputF32(gradInput, gradOut, weight, sizes);
  else if (winograd) {
    const { channels, outChannels, taps } = winograd;
    const [inPlane, outPlane] = [product(sizes.input), product(sizes.output)];
    for (let group = 0; group < sizes.groups; group++) {
      winogradConv({
        ...{ ...winograd, source: gradOut, out: gradInput, filters: weight, flipped: true, owner },
        sourceOffset: group * channels * outPlane,
        sourceImage: sizes.outChannels * outPlane,
        outOffset: group * outChannels * inPlane,
        outImage: sizes.inChannels * inPlane,
        biasOffset: 0,
        filtersOffset: group * outChannels * channels * taps * taps,
      });
    }
  } else if (isDepthwise(sizes)) depthwiseGradInput(gradInput, gradOut, weight, sizes);
  else multiplyGradInput(gradInput, gradOut, weight, jobs.flatten(sizes));
}

const multiplyGradInput = (
  gradInput: Float32Array,
  gradOut: Float32Array,
  weight: Float32Array,
  sizes: ConvSizes,
): void => {
  const engine = engineFor(costOf(sizes));
  const { groups } = sizes;
  const cut = cutGradInput(sizes);
  const [channels, perGroup] = [sizes.inChannels / groups, sizes.outChannels / groups];
  const taps = product(sizes.kernel);
  const depth = channels * taps;
  const blocks = Math.ceil(channels / cut.channelBlock);
  const m = padRows(engine, cut.channelBlock * taps);
  const together = jobs.imagesTogether(sizes);
  const packed = groups * blocks * perGroup * m;
  const areas = jobs.layOut(engine, sizes, together, packed, m, 0);
  jobs.stageFilters(engine, areas, weight);
  engine.f32.fill(0, areas.bias >> 2, (areas.bias >> 2) + m);
  for (let i = 0; i < groups * blocks; i++) {
    const block = i % blocks;
    const group = (i - block) / blocks;
    const first = block * cut.channelBlock;
    const rows = Math.min(cut.channelBlock, channels - first) * taps;
    for (let o = 0; o < perGroup; o += cut.outBlock) {
      const many = Math.min(cut.outBlock, perGroup - o);
      const from = areas.filters + 4 * ((group * perGroup + o) * depth + first * taps);
      const to = areas.weights + 4 * (i * perGroup * m + o * padRows(engine, rows));
      engine.kernels.packPanels(to, from, 1, depth, rows, many, engine.kernels.matmulRows());
    }
  }
  jobs.eachRound(engine, areas, sizes, cut, together, (round) => {
    round.bringOut(gradOut);
    parallel(engine, "convGradInput", round.images * groups * blocks, [areas.job]);
    round.takeSource(gradInput);
  });
};

/** The gradient of `convF32`'s weight: gradWeight[o, c, k] = sum over n, i of gradOut[n, o, i] times the input that it met. */
export function convGradWeightF32(
  gradWeight: Float32Array,
  input: Float32Array,
  gradOut: Float32Array,
  sizes: ConvSizes,
): void {
  const winograd = winogradGradWeight(sizes);
  if (isOdd(sizes)) twins.convGradWeightF32(gradWeight, input, gradOut, sizes);
  else if (winograd) {
    const { channels, outChannels, taps } = winograd;
    const [inPlane, outPlane] = [product(sizes.input), product(sizes.output)];
    for (let group = 0; group < sizes.groups; group++) {
      winogradWeight({
        ...{ ...winograd, source: input, gradOut, gradWeight },
        sourceOffset: group * channels * inPlane,
        sourceImage: sizes.inChannels * inPlane,
        gradOutOffset: group * outChannels * outPlane,
        gradOutImage: sizes.outChannels * outPlane,
        gradWeightOffset: group * outChannels * channels * taps * taps,
      });
    }
  } else if (isDepthwise(sizes)) depthwiseGradWeight(gradWeight, input, gradOut, sizes);
  else multiplyGradWeight(gradWeight, input, gradOut, jobs.flatten(sizes));
}

const multiplyGradWeight = (
  gradWeight: Float32Array,
  input: Float32Array,
  gradOut: Float32Array,
  sizes: ConvSizes,
): void => {
  const engine = engineFor(costOf(sizes));
  const { groups } = sizes;
  const cut = cutGradWeight(sizes);
  const depth = (sizes.inChannels / groups) * product(sizes.kernel);
  const perGroup = sizes.outChannels / groups;
  const tasks = groups * Math.ceil(perGroup / cut.outBlock) * Math.ceil(depth / cut.rows);
  const together = jobs.imagesTogether(sizes);
  const areas = jobs.layOut(engine, sizes, together, 0, 0, gradWeight.length);
  jobs.eachRound(engine, areas, sizes, cut, together, (round) => {
    round.bringSource(input);
    round.bringOut(gradOut);
    parallel(engine, "convGradWeight", tasks, [areas.job]);
  });
  copyOut(engine, areas.gradient >> 2, gradWeight, 0, gradWeight.length);
};
