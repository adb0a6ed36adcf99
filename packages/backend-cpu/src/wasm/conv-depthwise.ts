// Convolution with one channel a group, float32: one plane a task. See assembly/conv-depthwise.ts.
import { engineFor, parallel } from "../threads/threads.ts";
import type { ConvSizes } from "../twins/conv-columns.ts";
import * as jobs from "./conv-job.ts";
import type { Engine } from "./engine.ts";
import { copyIn, copyOut } from "./stage.ts";

/** The kernels cut nothing but planes. */
const CUT: jobs.Cut = { positions: 0, rows: 0, outBlock: 0, channelBlock: 0 };

/** An engine for about so much work: memory is what bounds it, not multiply-adds. */
const engineOf = ({ batch, inChannels, outChannels, input, output }: ConvSizes): Engine =>
  engineFor(4 * batch * (inChannels * jobs.product(input) + outChannels * jobs.product(output)));

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
  const areas = jobs.layOut(engine, sizes, together, weight.length, outChannels, 0);
  copyIn(engine, areas.weights >> 2, weight, 0, weight.length);
  const start = areas.bias >> 2;
  if (bias) copyIn(engine, start, bias, 0, outChannels);
  else engine.f32.fill(0, start, start + outChannels);
  jobs.eachRound(engine, areas, sizes, CUT, together, (round) => {
    round.bringSource(input);
    parallel(engine, "depthwiseForward", round.images * outChannels, [areas.job]);
    round.takeOut(out);
  });
}

/** `convGradInputF32` for one channel a group. */
export function depthwiseGradInput(
  gradInput: Float32Array,
  gradOut: Float32Array,
  weight: Float32Array,
  sizes: ConvSizes,
): void {
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
