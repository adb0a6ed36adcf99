// LBFGS: Newton's method with an inverse Hessian that the last steps suggest. It reads values, so
// its step is asynchronous.
import { cat, enableGrad, keep, noGrad, StateError, type Tensor } from "@tead/tensor";
import { OptimizerBase } from "./base.ts";
import type { ParamGroup, ParamGroupOptions, Params } from "./groups.ts";
import { checkNonNegative, checkOption } from "./options.ts";
import type { StateLayout } from "./state-dict.ts";
import { type LinePoint, strongWolfe } from "./strong-wolfe.ts";

/** Options of {@link LBFGS}. */
export interface LBFGSOptions {
  /** The length of a step, or the first guess of the line search. Default 1. */
  readonly lr?: number;
  /** The most iterations in one `step()`. Default 20. */
  readonly maxIter?: number;
  /** The most calls of the closure in one `step()`; null for 1.25 maxIter. Default null. */
  readonly maxEval?: number | null;
  /** The largest part of the gradient at which to stop. Default 1e-7. */
  readonly toleranceGrad?: number;
  /** The change of parameters or loss at which to stop. Default 1e-9. */
  readonly toleranceChange?: number;
  /** How many steps are remembered. Default 100. */
  readonly historySize?: number;
  /** How to find the length of a step. Default null: it is `lr`. */
  readonly lineSearchFn?: "strongWolfe" | null;
}

/** What is remembered between iterations; it stands in the first parameter's state. */
interface Memory {
  funcEvals: number;
  nIter: number;
  /** The last direction, how far it was followed, and the loss and gradient before. */
  d: Tensor;
  t: number;
  prevFlatGrad: Tensor;
  prevLoss: number;
  /** Differences of gradients and of parameters, and 1 over their products. */
  oldDirs: Tensor[];
  oldStps: Tensor[];
  ro: Tensor[];
  hDiag: Tensor | number;
}

/**
 * L-BFGS: d = -H g, with H from the last `historySize` steps; p += t d, with t = lr (in the very
 * first iteration min(1, 1 / |g|_1) lr) or from the line search.
 *
 * One `step()` makes up to `maxIter` iterations and calls `closure` for each, which drops the
 * gradients, computes the loss, calls `backward()`, and gives the loss back. There is one group of
 * parameters only.
 *
 * @param params - Parameters, or one group of them.
 * @param options - All optional.
 * @throws RangeError if an option is out of range, or there are no parameters.
 * @throws StateError if there is more than one group.
 * @see https://pytorch.org/docs/stable/generated/torch.optim.LBFGS.html
 * @example
 * import "@tead/autograd";
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { LBFGS } from "@tead/optim";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const x = tensor([-1.5, 2], { dtype: "float64", requiresGrad: true });
 * const optimizer = new LBFGS([x], { lineSearchFn: "strongWolfe" });
 * const closure = () => {
 *   optimizer.zeroGrad();
 *   const [a, b] = [x.select(0, 0), x.select(0, 1)];
 *   const loss = b.sub(a.square()).square().mul(100).add(a.rsub(1).square()); // Rosenbrock
 *   loss.backward();
 *   return loss;
 * };
 * for (let step = 0; step < 3; step++) await optimizer.step(closure);
 * assert.ok(Number(await x.sub(1).abs().max().item()) < 1e-5);
 */
export class LBFGS extends OptimizerBase<LBFGSOptions> {
  constructor(params: Params<LBFGSOptions>, options: LBFGSOptions = {}) {
    const { lr = 1, maxIter = 20, maxEval, toleranceGrad = 1e-7, toleranceChange = 1e-9 } = options;
    const { historySize = 100, lineSearchFn = null } = options;
    super(params, {
      ...{ lr, maxIter, maxEval: maxEval ?? Math.floor(maxIter * 1.25), toleranceGrad },
      ...{ toleranceChange, historySize, lineSearchFn },
    });
  }

  override addParamGroup(group: ParamGroupOptions<LBFGSOptions>): void {
    if (this.paramGroups.length > 0)
      throw new StateError("LBFGS: Cannot take another group of parameters: expected one");
    super.addParamGroup(group);
  }
  protected override check(options: Required<LBFGSOptions>): void {
    const { lineSearchFn: search } = options;
    checkNonNegative("LBFGS", options, ["lr", "toleranceGrad", "toleranceChange"]);
    for (const name of ["maxIter", "maxEval", "historySize"] as const) {
      const valid = Number.isInteger(options[name]) && (options[name] as number) >= 1;
      checkOption("LBFGS", name, valid, "an integer of at least 1", options[name]);
    }
    const known = search === null || search === "strongWolfe";
    checkOption("LBFGS", "lineSearchFn", known, "strongWolfe or null", search);
  }
  protected override get layout(): StateLayout {
    return { keys: { hDiag: "H_diag" }, scalars: ["t"] };
  }

  get #group(): ParamGroup<LBFGSOptions> {
    return this.paramGroups[0] as ParamGroup<LBFGSOptions>;
  }

  /** Goes on by up to `maxIter` iterations; gives the loss at the start. */
  async step<L extends Tensor>(closure: () => L | Promise<L>): Promise<L> {
    const { lr, maxIter, maxEval, toleranceGrad, toleranceChange, lineSearchFn } = this.#group;
    const memory = this.stateOf(this.#group.params[0] as Tensor) as unknown as Memory;
    memory.funcEvals ??= 0;
    memory.nIter ??= 0;
    const first = await enableGrad(closure);
    let [loss, grad] = [Number(await first.item()), this.#flatGrad()];
    let evals = 1;
    memory.funcEvals++;
    if ((await largest(grad)) <= toleranceGrad) return first;

    for (let iteration = 1; iteration <= maxIter; iteration++) {
      memory.nIter++;
      await this.#turn(memory, grad);
      memory.prevFlatGrad = keep(grad);
      memory.prevLoss = loss;
      const start = memory.nIter === 1 ? Math.min(1, 1 / (await number(grad.abs().sum()))) : 1;
      memory.t = start * lr;
      const slope = await number(grad.dot(memory.d));
      if (slope > -toleranceChange) break;

      const last = iteration === maxIter;
      if (lineSearchFn === null) {
        this.#move(memory.t, memory.d);
        if (last) break; // the loss here is not asked for
        loss = Number(await (await enableGrad(closure)).item());
        grad = this.#flatGrad();
        evals++;
        memory.funcEvals++;
      } else {
        const left = (maxEval as number) - evals;
        const found = await this.#search(closure, memory, { t: 0, loss, grad, slope }, left);
        ({ loss, grad, t: memory.t } = found.point);
        evals += found.probes;
        memory.funcEvals += found.probes;
      }
      if (last || evals >= (maxEval as number) || (await largest(grad)) <= toleranceGrad) break;
      if ((await largest(memory.d)) * Math.abs(memory.t) <= toleranceChange) break;
      if (Math.abs(loss - memory.prevLoss) < toleranceChange) break;
    }
    return first;
  }

  /** Sets the next direction, and remembers the last step where it tells something. */
  async #turn(memory: Memory, grad: Tensor): Promise<void> {
    if (memory.nIter === 1) {
      Object.assign(memory, { d: keep(grad.neg()), oldDirs: [], oldStps: [], ro: [], hDiag: 1 });
      return;
    }
    const { oldDirs, oldStps, ro } = memory;
    const y = grad.sub(memory.prevFlatGrad);
    const s = memory.d.mul(memory.t);
    const ys = y.dot(s);
    if ((await number(ys)) > 1e-10) {
      if (oldDirs.length === this.#group.historySize)
        for (const list of [oldDirs, oldStps, ro]) list.shift();
      oldDirs.push(keep(y));
      oldStps.push(keep(s));
      ro.push(keep(ys.reciprocal()));
      memory.hDiag = keep(ys.div(y.dot(y)));
    }
    memory.d = keep(timesInverseHessian(memory, grad.neg()));
  }

  /** Looks along the direction for a good length, and goes there. */
  async #search(
    closure: () => Tensor | Promise<Tensor>,
    { d, t }: Memory,
    start: LinePoint,
    maxProbes: number,
  ): ReturnType<typeof strongWolfe> {
    const origin = this.#group.params.map((param) => param.detach().clone());
    const restore = (): void =>
      noGrad(() => {
        this.#group.params.forEach((param, i) => {
          param.copy_(origin[i] as Tensor);
        });
      });
    const probe = async (t: number): Promise<LinePoint> => {
      this.#move(t, d);
      const loss = Number(await (await enableGrad(closure)).item());
      const grad = this.#flatGrad();
      restore();
      return { t, loss, grad, slope: await number(grad.dot(d)) };
    };
    const found = await strongWolfe(probe, start, t, await largest(d), maxProbes);
    this.#move(found.point.t, d);
    return found;
  }

  #flatGrad(): Tensor {
    const flat = this.#group.params.map((param) =>
      (param.grad ?? param.newZeros(param.shape)).detach().reshape([-1]),
    );
    return cat(flat);
  }
  /** Moves all parameters by a part of a flat vector. */
  #move(t: number, direction: Tensor): void {
    let start = 0;
    noGrad(() => {
      for (const param of this.#group.params) {
        const part = direction.narrow(0, start, param.numel());
        param.add_(part.reshape(param.shape), { alpha: t });
        start += param.numel();
      }
    });
  }
}

/** The two-loop recursion: a vector times the inverse Hessian, without reading a value. */
function timesInverseHessian({ oldDirs, oldStps, ro, hDiag }: Memory, vector: Tensor): Tensor {
  const factors: Tensor[] = [];
  for (let i = oldDirs.length - 1; i >= 0; i--) {
    const factor = (oldStps[i] as Tensor).dot(vector).mul(ro[i] as Tensor);
    vector.sub_((oldDirs[i] as Tensor).mul(factor));
    factors[i] = factor;
  }
  const result = vector.mul(hDiag);
  for (let i = 0; i < oldDirs.length; i++) {
    const factor = (oldDirs[i] as Tensor).dot(result).mul(ro[i] as Tensor);
    result.add_((oldStps[i] as Tensor).mul((factors[i] as Tensor).sub(factor)));
  }
  return result;
}

const number = async (scalar: Tensor): Promise<number> => Number(await scalar.item());
const largest = (x: Tensor): Promise<number> => number(x.abs().max());
