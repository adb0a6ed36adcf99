// Runs the programs of tools/fixtures/autograd_programs.py: the same steps, the same findings.
import { grad, inferenceMode } from "@tead/autograd";
import {
  cat,
  type DType,
  enableGrad,
  type HookHandle,
  noGrad,
  type Tensor,
  tensor,
} from "@tead/tensor";

type Step = readonly [name: unknown, op: string, ...args: never[]];
export type TensorState = readonly [
  values: number[],
  grad: number[] | null,
  requiresGrad: boolean,
  node: boolean | null,
];
export interface Findings {
  readonly errors: readonly (readonly [number, string])[];
  readonly log: readonly unknown[];
  readonly tensors: Readonly<Record<string, TensorState>>;
}
export interface Program extends Findings {
  readonly title?: string;
  readonly number?: number;
  readonly steps: readonly Step[];
}

/** What our messages say for each kind of error. */
const kinds: Readonly<Record<string, RegExp>> = {
  viewOfLeafWrite: /Cannot write in place to a view of a leaf that requires grad/,
  leafWrite: /Cannot write in place to a leaf that requires grad/,
  version: /has been modified by an inplace operation.*is at version \d+; expected version \d+/,
  freed: /Cannot go backward through the graph a second time/,
  multiView: /A view is one of several that one function gave and/,
  noGradView: /A view was made under noGrad and/,
  inferenceView: /A view was made in inferenceMode and/,
  notScalar: /Gradient can be made only for one element/,
  noGraph: /(backward|grad): Tensor does not require grad/,
  unused: /Input \d was not used/,
  inferenceWrite: /Cannot write in place outside inferenceMode/,
  inferenceSave: /Cannot save an inference tensor/,
  inferenceRequires: /Cannot require a gradient of an inference tensor/,
  notLeaf: /Cannot stop the gradient of a tensor that is not a leaf/,
  detachView: /Cannot cut a view off in place/,
  gradientShape: /backward: Gradient does not fit: expected shape/,
  hookSize: /Gradient changed its shape/,
  overlap: /received an expanded view/,
  assignedGrad: /grad: Gradient does not fit/,
  floatOnly: /Cannot require a gradient: expected a float dtype/,
  retainsNothing: /retainGrad: Tensor does not require grad/,
  hookNothing: /registerHook: Tensor does not require grad/,
};

type Method = (...args: unknown[]) => unknown;
const same = new Set(
  "neg exp tanh sin square abs clone detach contiguous t sum mean exp_ tanh_ neg_ zero_ detach_ abs_ sin_".split(
    " ",
  ),
);
const binary = new Set("add sub mul div maximum matmul add_ sub_ mul_ div_ copy_".split(" "));
const plain = new Set(
  "fill_ view reshape select narrow transpose permute expand unsqueeze squeeze diagonal split chunk unbind".split(
    " ",
  ),
);

export class Machine {
  readonly env: Map<string, Tensor> = new Map();
  readonly #handles = new Map<string, HookHandle>();
  readonly #log: unknown[] = [];
  readonly #errors: [number, string][] = [];
  #count = 0;

  run(steps: readonly Step[]): this {
    for (const [name, op, ...args] of steps) {
      const at = this.#count++;
      try {
        this.#step(name as string, op, args);
      } catch (error) {
        this.#errors.push([at, kindOf(error)]);
      }
    }
    return this;
  }

  findings(names: readonly string[]): Findings {
    const tensors = Object.fromEntries(
      names.map((name) => [name, stateOf(this.#tensor(name))] as const),
    );
    return { errors: this.#errors, log: this.#log, tensors };
  }

  #tensor(name: string): Tensor {
    const found = this.env.get(name);
    if (found === undefined) throw new Skipped(name);
    return found;
  }
  #value(x: unknown): unknown {
    if (typeof x === "string") return this.#tensor(x);
    return Array.isArray(x) && typeof x[0] === "string" ? x.map((n) => this.#tensor(n)) : x;
  }
  #set(name: string | readonly string[] | null, value: unknown): void {
    if (Array.isArray(name))
      name.forEach((one, i) => {
        const v = (value as (Tensor | undefined)[])[i];
        if (v !== undefined) this.env.set(one, v);
      });
    else if (typeof name === "string") this.env.set(name, value as Tensor);
  }

  #step(name: string, op: string, args: readonly unknown[]): void {
    const values = (): unknown[] => args.map((x) => this.#value(x));
    const call = (method: string, given: unknown[]): void => {
      const [self, ...rest] = given as [Record<string, Method>, ...unknown[]];
      this.#set(name, (self[method] as Method).apply(self, rest));
    };
    if (same.has(op) || binary.has(op) || plain.has(op)) {
      call(op, values());
      return;
    }
    const special = this.#special[op];
    if (special === undefined) throw new Error(`the test knows no step ${op}`);
    special(name, args as unknown as Arguments);
  }

  readonly #special: Readonly<Record<string, (name: string, args: Arguments) => void>> = {
    leaf: (name, [shape, values, requiresGrad]) =>
      this.#set(name, tensor([values].flat(), { shape, dtype: "float64", requiresGrad })),
    ints: (name, [shape, values]) => this.#set(name, tensor(values, { shape, dtype: "int32" })),
    to: (name, [x, dtype]) => this.#set(name, this.#tensor(x).to(dtype as DType)),
    as_strided: (name, [x, shape, strides, offset]) =>
      this.#set(name, this.#tensor(x).asStrided(shape, strides, offset)),
    sumDim: (name, [x, dim, keepDim]) => this.#set(name, this.#tensor(x).sum(dim, { keepDim })),
    indexSelect: (name, [x, dim, index]) =>
      this.#set(name, this.#tensor(x).indexSelect(dim, tensor(index))),
    cat: (name, [xs, dim]) => this.#set(name, cat(this.#value(xs) as Tensor[], dim)),
    where: (name, [c, a, b]) =>
      this.#set(name, this.#tensor(c).gt(0).where(this.#tensor(a), this.#tensor(b))),
    requiresGrad_: (_, [x, value]) => this.#tensor(x).requiresGrad_(value),
    retainGrad: (_, [x]) => this.#tensor(x).retainGrad(),
    clearGrad: (_, [x]) => {
      this.#tensor(x).grad = undefined;
    },
    assignGrad: (_, [x, g]) => {
      this.#tensor(x).grad = this.#tensor(g);
    },
    gradOf: (name, [x]) => {
      const g = this.#tensor(x).grad;
      if (g !== undefined) this.#set(name, g);
    },
    backward: (_, [x, options]) => this.#tensor(x).backward(this.#options(options ?? {})),
    grad: (names, [outputs, inputs, options]) =>
      this.#set(
        names,
        grad(
          this.#value(outputs) as Tensor[],
          this.#value(inputs) as Tensor[],
          this.#options(options ?? {}) as object,
        ),
      ),
    hook: (name, [x, label, factor]) => {
      const hook = (g: Tensor): Tensor | undefined => {
        this.#log.push([label, flat(g)]);
        return factor === null ? undefined : g.mul(factor);
      };
      this.#handles.set(name, this.#tensor(x).registerHook(hook));
    },
    badHook: (_, [x]) => void this.#tensor(x).registerHook((g) => g.reshape([-1]).narrow(0, 0, 1)),
    nodeHook: (name, [x, label]) => {
      const handle = this.#tensor(x).gradFn?.registerHook((inputs, outputs) => {
        this.#log.push([label, [inputs.map(flatOrNull), outputs.map(flatOrNull)]]);
        return undefined;
      });
      this.#handles.set(name, handle as HookHandle);
    },
    nodePrehook: (name, [x, label, factor]) => {
      const handle = this.#tensor(x).gradFn?.registerPrehook((outputs) => {
        this.#log.push([label, outputs.map(flatOrNull)]);
        return outputs.map((g) => g?.mul(factor));
      });
      this.#handles.set(name, handle as HookHandle);
    },
    remove: (_, [name]) => this.#handles.get(name)?.remove(),
    noGrad: (_, [steps]) => void noGrad(() => this.run(steps)),
    enableGrad: (_, [steps]) => void enableGrad(() => this.run(steps)),
    inferenceMode: (_, [steps]) => void inferenceMode(() => this.run(steps)),
  };

  #options(given: Readonly<Record<string, unknown>>): Record<string, unknown> {
    return Object.fromEntries(Object.entries(given).map(([key, x]) => [key, this.#value(x)]));
  }
}

/** Whatever a step needs: fixtures are not typed. */
type Arguments = readonly [never, never, never, never];

class Skipped extends Error {}

function kindOf(error: unknown): string {
  if (error instanceof Skipped) return "skipped";
  const { message } = error as Error;
  for (const [kind, pattern] of Object.entries(kinds)) if (pattern.test(message)) return kind;
  throw error;
}

function flat(t: Tensor): number[] {
  return Array.from(t.dataSync(), Number);
}
const flatOrNull = (t: Tensor | undefined): number[] | null => (t === undefined ? null : flat(t));

function stateOf(t: Tensor): TensorState {
  let node: boolean | null;
  try {
    node = t.gradFn !== undefined;
  } catch {
    node = null;
  }
  return [flat(t), flatOrNull(t.grad), t.requiresGrad, node];
}
