// The base of the optimizers that go by the gradient alone.
import { enableGrad, keep, noGrad, type Tensor } from "@tead/tensor";
import { OptimizerBase } from "./base.ts";
import type { LearningRate, ParamGroup, WithLearningRate } from "./groups.ts";
import { type Lists, type Operands, type UpdateOp, Updates } from "./updates.ts";

/**
 * The base of all optimizers but `LBFGS`. A subclass writes `update()`, which changes one
 * parameter, and `check()`, which refuses hyperparameters.
 *
 * @see https://pytorch.org/docs/stable/optim.html#torch.optim.Optimizer
 * @example
 * import "@tead/autograd";
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { type LearningRate, Optimizer, type ParamGroup } from "@tead/optim";
 * import { setDefaultDevice, type Tensor, tensor } from "@tead/tensor";
 *
 * class SignDescent extends Optimizer {
 *   protected override check(): void {}
 *   protected override update(param: Tensor, grad: Tensor, { lr }: ParamGroup<LearningRate>) {
 *     param.add_(grad.sign(), { alpha: -lr });
 *   }
 * }
 * setDefaultDevice(cpu());
 * const x = tensor([4, -2], { dtype: "float32", requiresGrad: true });
 * const optimizer = new SignDescent([x], { lr: 0.5 });
 * x.square().sum().backward();
 * optimizer.step();
 * assert.deepEqual(x.tolistSync(), [3.5, -1.5]);
 */
export abstract class Optimizer<
  O extends WithLearningRate = LearningRate,
> extends OptimizerBase<O> {
  #updates: Updates = new Updates();

  /** Changes one parameter by its gradient; runs without recording. */
  protected abstract update(param: Tensor, grad: Tensor, group: ParamGroup<O>): void;

  /**
   * Changes every parameter that has a gradient. `closure` computes the loss again, if given; its
   * value comes back.
   */
  step(): undefined;
  step<L>(closure: () => L): L;
  step<L>(closure?: () => L): L | undefined {
    const loss = closure && enableGrad(closure);
    noGrad(() => {
      for (const group of this.paramGroups) {
        this.#updates = new Updates();
        for (const param of group.params)
          if (param.grad !== undefined) this.update(param, param.grad, group);
        this.#updates.run();
      }
    });
    return loss;
  }

  /**
   * Has an op update a parameter: at the end of its group, in one call with the parameters that have
   * the same attributes. `operands` are the parameter's own; a state that it has not is `undefined`.
   * @internal
   */
  protected updateBy<L extends Lists, A>(
    op: UpdateOp<L, A>,
    operands: Operands<L>,
    attrs: A,
  ): void {
    this.#updates.add(op, operands, attrs);
  }

  /** A tensor of a parameter's state, made at first use: zeros of its shape unless said. */
  protected slot(
    param: Tensor,
    name: string,
    make: () => Tensor = () => param.newZeros(param.shape),
  ): Tensor {
    const state = this.stateOf(param);
    state[name] ??= keep(make());
    return state[name] as Tensor;
  }
  /** Counts a step of a parameter: 1 the first time. */
  protected countStep(param: Tensor): number {
    const state = this.stateOf(param);
    state.step = ((state.step as number | undefined) ?? 0) + 1;
    return state.step;
  }
}

interface DecayOptions extends LearningRate {
  readonly weightDecay: number;
  readonly decoupledWeightDecay: boolean;
}

/** What `maximize` and `weightDecay` make of a gradient. */
export function decayedGrad(
  param: Tensor,
  grad: Tensor,
  { weightDecay, maximize }: { readonly weightDecay: number; readonly maximize: boolean },
): Tensor {
  const g = maximize ? grad.neg() : grad;
  return weightDecay === 0 ? g : g.add(param, { alpha: weightDecay });
}

/** A decay as a part of the gradient, or, where it is decoupled, as a factor of the parameter. */
export function splitDecay({ lr, weightDecay, decoupledWeightDecay }: DecayOptions): {
  readonly weightDecay: number;
  readonly shrink: number;
} {
  if (!decoupledWeightDecay) return { weightDecay, shrink: 1 };
  return { weightDecay: 0, shrink: 1 - lr * weightDecay };
}
