// The loss of sequences without alignment.
import type { Tensor } from "@tead/tensor";
import { type CtcLossOptions, ctcLoss, type Lengths } from "../functional/ctc.ts";
import { Loss } from "./loss.ts";

type CtcArgs = [logProbs: Tensor, targets: Tensor, inputLengths: Lengths, targetLengths: Lengths];

/**
 * Connectionist temporal classification: `functional.ctcLoss` as a module.
 *
 * **Shapes**: `logProbs [T, N, C]` or `[T, C]`; `targets [N, S]`, or all of them one after the
 * other; `inputLengths`, `targetLengths [N] -> []`.
 *
 * @param options - `blank` (0 unless said), `zeroInfinity`, `reduction`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.CTCLoss.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { CTCLoss } from "@tead/nn";
 * import { randn, setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const logProbs = randn([12, 2, 5]).logSoftmax(2);
 * const targets = tensor([[1, 2, 2], [4, 3, 0]]);
 * const loss = new CTCLoss().forward(logProbs, targets, [12, 10], [3, 2]);
 * assert.deepEqual(loss.shape, []);
 */
export class CTCLoss extends Loss<CtcArgs> {
  readonly blank: number;
  readonly zeroInfinity: boolean;

  constructor(options: CtcLossOptions = {}) {
    super(options);
    this.blank = options.blank ?? 0;
    this.zeroInfinity = options.zeroInfinity ?? false;
  }
  override forward(...[logProbs, targets, inputLengths, targetLengths]: CtcArgs): Tensor {
    return ctcLoss(logProbs, targets, inputLengths, targetLengths, this);
  }
}
