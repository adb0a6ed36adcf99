// Connectionist temporal classification: the likelihood of a target over all of its alignments.

import type { LossOptions } from "@tead/tensor";
import { cat, isGradEnabled, pad, ShapeError, type Tensor, tensor } from "@tead/tensor";
import { positions } from "./host.ts";
import { reduced } from "./reduction.ts";

/** Options of {@link ctcLoss}. */
export interface CtcLossOptions extends LossOptions {
  /** The label of the blank. Default 0. */
  readonly blank?: number;
  /** Whether a target that has no alignment costs 0, and has no gradient. Default false. */
  readonly zeroInfinity?: boolean;
}

/** Lengths: one for each sequence of the batch. */
export type Lengths = Tensor | readonly number[] | number;

const numbersOf = (lengths: Lengths): number[] =>
  typeof lengths === "number"
    ? [lengths]
    : "dataSync" in lengths
      ? Array.from(lengths.dataSync(), Number)
      : [...lengths];

function checkLengths(name: string, lengths: readonly number[], count: number, most: number): void {
  const least = name === "inputLengths" ? 1 : 0;
  if (lengths.length !== count)
    throw new RangeError(
      `ctcLoss: Argument ${name} is not valid: expected ${count} lengths, received ${lengths.length}`,
    );
  for (const length of lengths)
    if (!Number.isInteger(length) || length < least || length > most)
      throw new RangeError(
        `ctcLoss: Argument ${name} is not valid: expected lengths from ${least} to ${most}, ` +
          `received ${length}`,
      );
}

/** [N, 2 S + 1]: each target with blanks before, between and after its labels. */
function withBlanks(targets: Tensor, lengths: readonly number[], blank: number): Tensor {
  const longest = Math.max(...lengths, 0);
  const n = lengths.length;
  const blanks = targets.newFull([n, longest + 1], blank);
  if (longest === 0) return blanks;
  let start = 0;
  const at: number[] = [];
  lengths.forEach((length, i) => {
    const first = targets.ndim === 2 ? i * targets.size(1) : start;
    for (let s = 0; s < longest; s++) at.push(s < length ? first + s : 0);
    start += length;
  });
  const labels = targets
    .reshape([-1])
    .indexSelect(0, positions(targets, at))
    .reshape([n, longest, 1]);
  const pairs = cat([blanks.narrow(1, 0, longest).unsqueeze(-1), labels], -1).reshape([n, -1]);
  return cat([pairs, blanks.narrow(1, 0, 1)], 1);
}

/** ln(sum of e^x), -Infinity where all are; its gradient is finite everywhere. */
function logSumExp(terms: readonly Tensor[]): Tensor {
  const most = terms.reduce((a, b) => a.detach().maximum(b.detach()));
  const none = most.eq(-Infinity);
  const shift = none.where(0, most);
  const sum = terms.map((x) => x.sub(shift).exp()).reduce((a, b) => a.add(b));
  return none.where(-Infinity, none.where(1, sum).log().add(shift));
}

const shifted = (x: Tensor, by: number): Tensor => pad(x, [by, -by], { value: -Infinity });

/** [N]: -ln of the sum over all alignments, by the forward recursion over time. */
function negativeLogLikelihood(
  logProbs: Tensor,
  labels: Tensor,
  inputLengths: readonly number[],
  targetLengths: readonly number[],
): Tensor {
  const [time, n] = logProbs.shape as [number, number];
  const [, width] = labels.shape as [number, number];
  const emitted = logProbs.gather(2, labels.unsqueeze(0).expand([time, n, width]));
  const columns = Array.from({ length: n * width }, (_, i) => i % width);
  const mask = (keep: (column: number, row: number) => boolean): Tensor =>
    tensor(
      Uint8Array.from(columns, (c, i) => (keep(c, Math.floor(i / width)) ? 1 : 0)),
      {
        dtype: "bool",
        shape: [n, width],
        device: logProbs.device,
      },
    );
  // A label may follow the one before it without a blank between, unless it repeats it.
  const labelled = mask((c) => c % 2 === 1 && c > 1);
  const skips = width > 2 ? labelled.logicalAnd(labels.ne(pad(labels, [2, -2]))) : undefined;
  const begins = mask((c, row) => c < 2 && c <= 2 * (targetLengths[row] as number));
  let alpha = begins.where(emitted.select(0, 0), -Infinity);
  for (let t = 1; t < time; t++) {
    const ways = [alpha, shifted(alpha, 1)];
    if (skips !== undefined) ways.push(skips.where(shifted(alpha, 2), -Infinity));
    const next = logSumExp(ways).add(emitted.select(0, t));
    const running = inputLengths.map((length) => t < length);
    alpha = running.every(Boolean)
      ? next
      : tensor(running, { device: logProbs.device }).unsqueeze(1).where(next, alpha);
  }
  const ends = mask((c, row) => {
    const last = 2 * (targetLengths[row] as number);
    return c === last || c === last - 1;
  });
  const last = ends.where(alpha, -Infinity);
  return logSumExp(last.unbind(1)).neg();
}

/** The sum of e^x up to each sequence's end, less itself: 0, whose gradient is e^x. */
function normalization(logProbs: Tensor, inputLengths: readonly number[]): Tensor {
  const [time, n] = logProbs.shape as [number, number];
  const within = Array.from({ length: time * n }, (_, i) =>
    Math.floor(i / n) < (inputLengths[i % n] as number) ? 1 : 0,
  );
  const mask = tensor(within, { dtype: logProbs.dtype, device: logProbs.device, shape: [time, n] });
  const sums = logProbs.exp().sum(-1).mul(mask).sum(0);
  return sums.sub(sums.detach());
}

/**
 * -ln of the probability that a sequence of labels, blanks and repeats taken out, is the target.
 *
 * The gradient is that of the scores before logSoftmax, as in PyTorch: `logProbs` must come from
 * it.
 *
 * **Shapes**: `logProbs [T, N, C]` or `[T, C]`; `targets [N, S]`, or all of them one after the
 * other; `inputLengths`, `targetLengths [N]`, which are read on the host `-> []`. The mean is over
 * losses divided by their targets' lengths.
 *
 * @param options - `blank`, `reduction`, `zeroInfinity`.
 * @throws RangeError where lengths do not fit.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.ctc_loss.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { functional as F } from "@tead/nn";
 * import { setDefaultDevice, tensor, zeros } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * // Of four equally likely pairs three give the target: [1, 1], [0, 1] and [1, 0].
 * const loss = F.ctcLoss(zeros([2, 1, 2]).logSoftmax(-1), tensor([[1]]), [2], [1]);
 * assert.ok(Math.abs(Number(loss.itemSync()) + Math.log(3 / 4)) < 1e-6);
 */
export function ctcLoss(
  logProbs: Tensor,
  targets: Tensor,
  inputLengths: Lengths,
  targetLengths: Lengths,
  options: CtcLossOptions = {},
): Tensor {
  const { blank = 0, reduction = "mean", zeroInfinity = false } = options;
  const { shape, dtype } = logProbs;
  if (shape.length !== 2 && shape.length !== 3)
    throw new ShapeError(
      `logProbs has the wrong rank: expected [T, N, C] or [T, C], received ${shape.length} dims`,
      { op: "ctcLoss", operands: [{ name: "logProbs", shape, dtype }] },
    );
  const x = shape.length === 3 ? logProbs : logProbs.unsqueeze(1);
  const [time, n, classes] = x.shape as [number, number, number];
  if (!Number.isInteger(blank) || blank < 0 || blank >= classes)
    throw new RangeError(
      `ctcLoss: Option blank is not valid: expected a label from 0 to ${classes - 1}, received ${blank}`,
    );
  const [inputs, wanted] = [numbersOf(inputLengths), numbersOf(targetLengths)];
  checkLengths("inputLengths", inputs, n, time);
  const most = targets.ndim === 2 ? targets.size(1) : targets.numel();
  checkLengths("targetLengths", wanted, n, most);
  if (targets.ndim !== 2 && wanted.reduce((a, b) => a + b, 0) !== targets.numel())
    throw new RangeError(
      `ctcLoss: Argument targetLengths is not valid: expected a sum of ${targets.numel()}, ` +
        `received ${wanted.reduce((a, b) => a + b, 0)}`,
    );
  const labels = withBlanks(targets, wanted, blank);
  const likelihood = negativeLogLikelihood(x, labels, inputs, wanted);
  const tracked = isGradEnabled() && x.requiresGrad;
  const all = tracked ? likelihood.add(normalization(x, inputs)) : likelihood;
  const losses = zeroInfinity ? all.eq(Infinity).where(0, all) : all;
  if (reduction === "mean") {
    const divisors = wanted.map((length) => Math.max(length, 1));
    return losses.div(tensor(divisors, { dtype, device: x.device })).mean();
  }
  return reduced("ctcLoss", shape.length === 3 ? losses : losses.squeeze(0), { reduction });
}
