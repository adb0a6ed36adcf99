// A layer with an optimizer, and a schedule, whose steps are the same here and in
// tools/fixtures/checkpoint_roundtrip.py.
import "@tead/autograd";
import { Linear, Parameter } from "@tead/nn";
import * as optim from "@tead/optim";
import { ones, type Tensor, tensor } from "@tead/tensor";

/** What both can do. */
export interface Problem {
  step(): Promise<void>;
  /** What is saved. */
  state(): object;
  load(state: never): void;
  /** What one can see of it. */
  numbers(): number[];
}

const optimizers: Readonly<Record<string, object>> = {
  SGD: { lr: 0.1, momentum: 0.9, nesterov: true },
  Adam: { lr: 0.01, amsgrad: true },
  AdamW: { lr: 0.01 },
  Adamax: {},
  NAdam: {},
  RAdam: {},
  Adagrad: { lrDecay: 0.1 },
  Adadelta: {},
  RMSprop: { momentum: 0.5, centered: true },
  Rprop: {},
  ASGD: { t0: 1 },
  LBFGS: { lr: 0.5, maxIter: 2, maxEval: 100, lineSearchFn: "strongWolfe" },
  Adafactor: {},
  Muon: {},
};
const schedules: Readonly<Record<string, (o: optim.SGD) => optim.LRScheduler>> = {
  StepLR: (o) => new optim.StepLR(o, 2),
  MultiStepLR: (o) => new optim.MultiStepLR(o, [2, 5]),
  ExponentialLR: (o) => new optim.ExponentialLR(o, 0.9),
  CosineAnnealingLR: (o) => new optim.CosineAnnealingLR(o, 5),
  CosineAnnealingWarmRestarts: (o) => new optim.CosineAnnealingWarmRestarts(o, 2),
  OneCycleLR: (o) => new optim.OneCycleLR(o, 0.5, { totalSteps: 9 }),
  CyclicLR: (o) => new optim.CyclicLR(o, 0.01, 0.1, { stepSizeUp: 3 }),
};

interface AnyOptimizer {
  zeroGrad(): void;
  step(closure?: () => Tensor): unknown;
  stateDict(): object;
  loadStateDict(state: never): void;
}
type OptimizerClass = new (params: Iterable<Tensor>, options: object) => AnyOptimizer;

/** The problem of that name. */
export function optimizerProblem(name: string): Problem {
  const net = new Linear(3, 2, { bias: name !== "Muon" }).to("float64");
  const Class = (optim as unknown as Record<string, OptimizerClass>)[name] as OptimizerClass;
  const optimizer = new Class(net.parameters(), optimizers[name] as object);
  const inputs = Float64Array.from({ length: 12 }, (_, k) => (((7 * k) % 12) - 5.5) / 4);
  const input = tensor(inputs).reshape([4, 3]);
  const closure = (): Tensor => {
    optimizer.zeroGrad();
    let loss = net.forward(input).sub(1).square().sum();
    for (const p of net.parameters()) loss = loss.add(p.square().sum());
    loss.backward();
    return loss;
  };
  const step = async (): Promise<void> => {
    if (name === "LBFGS") return void (await optimizer.step(closure));
    closure();
    optimizer.step();
  };
  return {
    step,
    state: () => ({ model: net.stateDict(), optimizer: optimizer.stateDict() }),
    load: ({ model, optimizer: state }: { model: never; optimizer: never }) => {
      net.loadStateDict(model);
      optimizer.loadStateDict(state);
    },
    numbers: () => [...net.parameters()].flatMap((p) => Array.from(p.dataSync(), Number)),
  };
}

/** The schedule of that name, over an SGD with momentum. */
export function scheduleProblem(name: string): Problem {
  const optimizer = new optim.SGD([new Parameter(ones([1]))], { lr: 0.1, momentum: 0.9 });
  const plateau = name === "ReduceLROnPlateau";
  const scheduler = plateau
    ? new optim.ReduceLROnPlateau(optimizer, { patience: 1 })
    : (schedules[name] as (o: optim.SGD) => optim.LRScheduler)(optimizer);
  return {
    step: async () => (scheduler.step as (metric?: number) => void)(plateau ? 1 : undefined),
    state: () => ({ optimizer: optimizer.stateDict(), scheduler: scheduler.stateDict() }),
    load: (state: { optimizer: never; scheduler: never }) => {
      optimizer.loadStateDict(state.optimizer);
      scheduler.loadStateDict(state.scheduler);
    },
    numbers: () => {
      const { lr, momentum } = optimizer.paramGroups[0] as { lr: number; momentum: number };
      return [lr, momentum];
    },
  };
}

export const optimizerNames: readonly string[] = Object.keys(optimizers);
export const scheduleNames: readonly string[] = [...Object.keys(schedules), "ReduceLROnPlateau"];
