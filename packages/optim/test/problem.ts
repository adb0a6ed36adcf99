// The problem that every optimizer solves, as tools/fixtures/optim_common.py states it.
import * as optim from "@tead/optim";
import { LBFGS, type Params } from "@tead/optim";
import { type Tensor, tensor } from "@tead/tensor";
import { camelOptions, revived, type Trajectories, type Trajectory } from "./fixture.ts";

const float64 = { dtype: "float64" } as const;
const exported = new Map<string, unknown>(Object.entries(optim));

/** Two parameters, an optimizer, and the function that it makes small. */
export class Problem {
  readonly w: Tensor;
  readonly b: Tensor;
  readonly optimizer: optim.Optimizer | LBFGS;
  readonly #targets: readonly [Tensor, Tensor];
  readonly #half: number;
  readonly #looksUp: boolean;
  readonly #ridge: boolean;
  #step = 0;

  constructor(
    { optimizer: name, options, own, matrices = false }: Trajectory,
    { problem, half }: Pick<Trajectories, "problem" | "half">,
  ) {
    this.#targets = [tensor(problem.x, float64), tensor(problem.y, float64)];
    this.#half = half;
    this.w = tensor(problem.w, { ...float64, requiresGrad: true });
    const b = tensor(problem.b, float64);
    this.b = (matrices ? b.reshape([1, 3]) : b).requiresGrad_();
    this.#looksUp = name === "SparseAdam";
    this.#ridge = name === "LBFGS";
    const Class = exported.get(name) as new (
      params: Params<object>,
      o: object,
    ) => optim.Optimizer | LBFGS;
    const all = this.#looksUp ? [this.w] : [this.w, this.b];
    const groups = [{ params: this.w }, { params: [this.b], ...camelOptions(own ?? {}) }];
    this.optimizer = new Class((own ? groups : all) as Params<object>, camelOptions(options));
  }

  #loss(): Tensor {
    const { w, b } = this;
    const [x, y] = this.#targets;
    if (!this.#looksUp) {
      const loss = x.matmul(w).add(b).tanh().sub(y).square().mean();
      const total = loss.add(w.exp().sum().mul(0.01));
      if (!this.#ridge) return total;
      return total.add(w.square().sum().add(b.square().sum()).mul(0.3));
    }
    const step = this.#step;
    const rows = tensor([(2 * step) % 4, (3 * step + 1) % 4, (step * step) % 4]);
    const found = w.indexSelect(0, rows).add(b.detach());
    return found
      .tanh()
      .sub(y.narrow(0, 0, 3))
      .square()
      .mean();
  }
  /** One step; gives the loss before it. */
  async step(): Promise<number> {
    this.#step++;
    const closure = (): Tensor => {
      this.optimizer.zeroGrad();
      const loss = this.#loss();
      loss.backward();
      return loss;
    };
    const { optimizer } = this;
    const loss = optimizer instanceof LBFGS ? optimizer.step(closure) : optimizer.step(closure);
    return Number((await loss).itemSync());
  }
  /** Goes on from PyTorch's run. */
  resume({ shown, stateDict }: Trajectory): void {
    const half = this.#half;
    this.#step = half;
    this.w.detach().copy_(tensor(shown[half]?.w ?? [], float64));
    this.b.detach().copy_(tensor(shown[half]?.b ?? [], float64).reshape(this.b.shape));
    const state = Object.fromEntries(
      Object.entries(stateDict.state).map(([i, values]) => [
        i,
        Object.fromEntries(Object.entries(values).map(([k, v]) => [k, revived(v)])),
      ]),
    );
    this.optimizer.loadStateDict({ state, param_groups: stateDict.param_groups } as never);
  }
}
