// Convolution with one channel a group, float32: a plane or some a task. See assembly/conv-depthwise.ts.
import { engineFor, parallel } from "../threads/threads.ts";
import type { ConvSizes } from "../twins/conv-columns.ts";
import * as jobs from "./conv-job.ts";
import { type Engine, THREAD_BYTES } from "./engine.ts";
import { copyIn, copyOut } from "./stage.ts";

/** The gradients cut nothing but planes. */
const CUT: jobs.Cut = { positions: 0, rows: 0, outBlock: 0, channelBlock: 0 };

/** An engine for about so much work: memory is what bounds it, not multiply-adds. */
const engineOf = ({ batch, inChannels, outChannels, input, output }: ConvSizes): Engine =>
  engineFor(4 * batch * (inChannels * jobs.product(input) + outChannels * jobs.product(output)));

/** Floats of output that a task has at least, where there are as many. */
const TASK_FLOATS = 16384;
/** Lines of outputs from this length on are done one by one. */
const LONG_LINE = 64;

/** How the forward kernel goes about it: whether tasks pad what they read themselves, and whether they join lines. */
const planForward = (sizes: ConvSizes) => {
  const { output, stride } = sizes;
  const full = jobs.fullDims(sizes);
  const plane = jobs.product(output);
  const fits = 4 * (2 * jobs.product(full) + 64) <= THREAD_BYTES;
  const joins = jobs.product(stride) === 1 && output[2] < LONG_LINE;
  const wasted = (output[0] - 1) * full[1] * full[2] + output[1] * full[2] > 2 * plane;
  const joined = fits && joins && !wasted;
  return {
    padsItself: fits && jobs.isPadded(sizes),
    cut: { ...CUT, rows: joined ? 1 : 0, outBlock: Math.max(1, Math.floor(TASK_FLOATS / plane)) },
  };
};

/** `convF32` for one channel a group. */
export function depthwise(
  out: Float32Array,
  input: Float32Array,
  weight: Float32Array,
  bias: Float32Array | undefined,
  sizes: ConvSizes,
): void {
  const engine = engineOf(sizes);
  const { outChannels } = sizes;
  const together = jobs.imagesTogether(sizes);
  const { padsItself, cut } = planForward(sizes);
  const all = jobs.layOut(engine, sizes, together, weight.length, outChannels, 0);
  const areas = padsItself ? { ...all, source: 0 } : all;
  copyIn(engine, areas.weights >> 2, weight, 0, weight.length);
  const start = areas.bias >> 2;
  if (bias) copyIn(engine, start, bias, 0, outChannels);
  else engine.f32.fill(0, start, start + outChannels);
  jobs.eachRound(engine, areas, sizes, cut, together, (round) => {
    round.bringSource(input);
    const tasks = Math.ceil((round.images * outChannels) / cut.outBlock);
    parallel(engine, "depthwiseForward", tasks, [areas.job]);
    round.takeOut(out);
  });
}

/** With stride 1 the input's gradient is a convolution of the output's gradient: by the turned kernels, padded all round. */
const turned = (sizes: ConvSizes): ConvSizes | undefined => {
  const { kernel, padding, dilation } = sizes;
  const room = kernel.map((k, i) => (k - 1) * (dilation[i] as number) - (padding[i] as number));
  const [depth = 0, height = 0, width = 0] = room;
  if (jobs.product(sizes.stride) !== 1 || sizes.outChannels !== sizes.inChannels) return undefined;
  if (Math.min(depth, height, width) < 0) return undefined;
  return { ...sizes, input: sizes.output, output: sizes.input, padding: [depth, height, width] };
};

/** `convGradInputF32` for one channel a group. */
export function depthwiseGradInput(
  gradInput: Float32Array,
  gradOut: Float32Array,
  weight: Float32Array,
  sizes: ConvSizes,
): void {
  const forward = turned(sizes);
  if (forward) {
    const taps = jobs.product(sizes.kernel);
    const kernels = weight.map((_, i) => weight[i - (i % taps) + taps - 1 - (i % taps)] as number);
    depthwise(gradInput, gradOut, kernels, undefined, forward);
    return;
  }
  const engine = engineOf(sizes);
  const together = jobs.imagesTogether(sizes);
  const areas = jobs.layOut(engine, sizes, together, weight.length, 0, 0);
  copyIn(engine, areas.weights >> 2, weight, 0, weight.length);
  jobs.eachRound(engine, areas, sizes, CUT, together, (round) => {
    round.bringOut(gradOut);
    parallel(engine, "depthwiseGradInput", round.images * sizes.inChannels, [areas.job]);
    round.takeSource(gradInput);
  });
}

/** `convGradWeightF32` for one channel a group. */
export function depthwiseGradWeight(
  gradWeight: Float32Array,
  input: Float32Array,
  gradOut: Float32Array,
  sizes: ConvSizes,
): void {
  const engine = engineOf(sizes);
  const together = jobs.imagesTogether(sizes);
  const areas = jobs.layOut(engine, sizes, together, 0, 0, gradWeight.length);
  jobs.eachRound(engine, areas, sizes, CUT, together, (round) => {
    round.bringSource(input);
    round.bringOut(gradOut);
    parallel(engine, "depthwiseGradWeight", sizes.outChannels, [areas.job]);
  });
  copyOut(engine, areas.gradient >> 2, gradWeight, 0, gradWeight.length);
}
