// Training on windows of a text: the state goes on from window to window, its gradient does not.
import { functional as F, type LSTMState, utils } from "@tead/nn";
import type { Adam } from "@tead/optim";
import type { Tensor } from "@tead/tensor";
import type { CharModel } from "./model.ts";

/** Some characters, and those that follow them: both [streams, length]. */
type Window = readonly [tokens: Tensor, next: Tensor];

/** The text as `streams` lines side by side, cut into windows of `length` characters. */
export function windows(text: Tensor, streams: number, length: number): Window[] {
  const line = Math.floor((text.size(0) - 1) / streams);
  const [tokens, next] = [0, 1].map((start) =>
    text.narrow(0, start, streams * line).view(streams, line),
  ) as [Tensor, Tensor];
  return Array.from({ length: Math.floor(line / length) }, (_, i) => [
    tokens.narrow(1, i * length, length),
    next.narrow(1, i * length, length),
  ]);
}

/** Trains for some steps and gives the loss of each. */
export function* train(
  model: CharModel,
  optimizer: Adam,
  all: readonly Window[],
  steps: number,
): Generator<number> {
  let state: LSTMState | undefined;
  for (let step = 0; step < steps; step++) {
    const place = step % all.length;
    if (place === 0) state = undefined;
    const [tokens, next] = all[place] as Window;
    optimizer.zeroGrad();
    const [scores, [hidden, cell]] = model.forward(tokens, state);
    const loss = F.crossEntropy(scores.flatten(0, 1), next.flatten());
    loss.backward();
    utils.clipGradNorm_(model.parameters(), 1);
    optimizer.step();
    state = [hidden.detach(), cell.detach()];
    yield Number(loss.itemSync());
  }
}
