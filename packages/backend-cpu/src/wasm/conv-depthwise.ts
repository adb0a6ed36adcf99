// Convolution with one channel a group, float32: a plane or some a task. See assembly/conv-depthwise.ts.
import { engineFor, parallel } from "../threads/threads.ts";
import type { ConvSizes } from "../twins/conv-columns.ts";
import * as jobs from "./conv-job.ts";
import { type Engine, THREAD_BYTES } from "./engine.ts";
import { copyIn, copyOut } from "./stage.ts";

/** Where nothing but planes is cut. */
const CUT: jobs.Cut = { positions: 0, rows: 0, outBlock: 0, channelBlock: 0 };

/** An engine for about so much work: memory is what bounds it, not multiply-adds. */
const engineOf = ({ batch, inChannels, outChannels, input, output }: ConvSizes): Engine =>
  engineFor(4 * batch * (inChannels * jobs.product(input) + outChannels * jobs.product(output)));

/** Floats of output that a task has at least, where there are as many. */
const TASK_FLOATS = 16384;
/** Lines of outputs from this length on are done one by one. */
const LONG_LINE = 64;

/** Whether two padded planes fit in a task's scratch memory, beside what it keeps for each tap. */
const fitsScratch = (sizes: ConvSizes): boolean =>
  4 * (2 * jobs.product(jobs.fullDims(sizes)) + 4 * jobs.product(sizes.kernel) + 64) <=
  THREAD_BYTES;

/** Whether kernels take a plane's lines as one long line, with what lies between them. */
const joinsLines = (sizes: ConvSizes): boolean => {
  const { output, stride } = sizes;
  if (jobs.product(stride) !== 1 || output[2] >= LONG_LINE || !fitsScratch(sizes)) return false;
  const [, height, width] = jobs.fullDims(sizes);
  return ((output[0] - 1) * height + output[1]) * width <= 2 * jobs.product(output);
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
  const outBlock = Math.max(1, Math.floor(TASK_FLOATS / jobs.product(sizes.output)));
  const cut = { ...CUT, rows: joinsLines(sizes) ? 1 : 0, outBlock };
  const all = jobs.layOut(engine, sizes, together, weight.length, outChannels, 0);
  const areas = jobs.isPadded(sizes) && fitsScratch(sizes) ? { ...all, source: 0 } : all;
  copyIn(engine, areas.weights >> 2, weight, 0, weight.length);
  const start = areas.bias >> 2;
  if (bias) copyIn(engine, start, bias, 0, outChannels);
  else engine.f32.fill(0, start, start + outChannels);
  jobs.eachRound(engine, areas, sizes, cut, together, (round) => {
    round.bringSource(input);
    const tasks = Math.ceil((round.images * outChannels) / outBlock);
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
  const cut = { ...CUT, rows: joinsLines(sizes) ? 1 : 0 };
  jobs.eachRound(engine, areas, sizes, cut, together, (round) => {
    round.bringSource(input);
    round.bringOut(gradOut);
    parallel(engine, "depthwiseGradWeight", sizes.outChannels, [areas.job]);
  });
  copyOut(engine, areas.gradient >> 2, gradWeight, 0, gradWeight.length);
}
