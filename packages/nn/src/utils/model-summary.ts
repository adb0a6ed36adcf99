// A table of a model's layers, from a run that computes shapes only.
import { byteLengthOf, type DType, empty, meta, noGrad, type Shape, Tensor } from "@tead/tensor";
import { deepCopyOf } from "../module/deep-copy.ts";
import { joinKeys } from "../module/members.ts";
import { type AnyModule, Module } from "../module/module.ts";
import { countOf, multiplyAdds } from "./layer-costs.ts";
import { type SummaryColumn, summaryTable } from "./summary-table.ts";

/** Options of {@link modelSummary}: either `inputSize` or `inputs`. */
export interface ModelSummaryOptions {
  /** The shape of the input, batch included, or those of several. */
  readonly inputSize?: Shape | readonly Shape[];
  /** The dtype of each input whose size is given. Default float32. */
  readonly dtypes?: readonly DType[];
  /** What `forward` takes, where sizes do not say it: tensors are looked at, not read. */
  readonly inputs?: readonly unknown[];
  /** How deep to go into children when printing. Default 3. */
  readonly depth?: number;
  /** What to print of each layer. Default the output's shape, parameters and multiply-adds. */
  readonly columns?: readonly SummaryColumn[];
}

/** One call of one layer, or a container above called ones. */
export interface LayerSummary {
  /** The name of its class. */
  readonly name: string;
  /** Its path in the model; "" for the model itself. */
  readonly path: string;
  /** How deep it lies; 0 for the model itself. */
  readonly depth: number;
  /** Its number among the calls of its depth, from 1. */
  readonly index: number;
  /** The shape of its first input and of its first output. */
  readonly inputShape: Shape | undefined;
  readonly outputShape: Shape | undefined;
  /** Its own parameters and those below, and how many of these are trained. */
  readonly parameters: number;
  readonly trainableParameters: number;
  /** Those that are in no child. */
  readonly ownParameters: number;
  readonly multiplyAdds: number;
  /** Whether it has no children. */
  readonly leaf: boolean;
  /** Whether it was called before. */
  readonly recursive: boolean;
}

/** What {@link modelSummary} gives; `String(summary)` and `console.log` show the table. */
export interface ModelSummary {
  readonly layers: readonly LayerSummary[];
  readonly totalParameters: number;
  readonly trainableParameters: number;
  readonly totalMultiplyAdds: number;
  readonly inputBytes: number;
  /** Of what layers with parameters gave, forward and again backward. */
  readonly forwardBackwardBytes: number;
  readonly parameterBytes: number;
  /** The table, as torchinfo prints it. */
  toString(): string;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const isModule = (value: unknown): value is AnyModule => value instanceof Module;

/** The first tensor in what a layer takes or gives. */
function firstTensor(value: unknown): Tensor | undefined {
  if (value instanceof Tensor) return value;
  if (typeof value !== "object" || value === null) return undefined;
  for (const item of Object.values(value)) {
    const found = firstTensor(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

const isShape = (size: Shape | readonly Shape[]): size is Shape => typeof size[0] !== "object";

function onMeta(value: unknown): unknown {
  if (value instanceof Tensor) return value.newEmpty(value.shape, { device: meta() });
  if (Array.isArray(value)) return value.map(onMeta);
  return value;
}

function inputsOf({ inputSize, inputs, dtypes = [] }: ModelSummaryOptions): readonly unknown[] {
  if ((inputSize === undefined) === (inputs === undefined))
    throw new RangeError(
      "modelSummary: Option inputSize is not valid: expected either inputSize or inputs, " +
        `received ${inputs === undefined ? "neither" : "both"}`,
    );
  if (inputs !== undefined) return inputs.map(onMeta);
  const given = inputSize as Shape | readonly Shape[];
  const shapes = isShape(given) ? [given] : given;
  return shapes.map((shape, i) => empty(shape, { dtype: dtypes[i] ?? "float32", device: meta() }));
}

/** Records every call of every layer, in order. */
class Recording {
  readonly layers: Mutable<LayerSummary>[] = [];
  readonly outputBytes: number[] = [];
  readonly #modules = new Map<AnyModule, Mutable<LayerSummary>>();
  readonly #counts: number[] = [];
  readonly #paths = new Map<string, AnyModule>();

  constructor(root: AnyModule) {
    for (const [path, module] of root.namedModules()) {
      this.#paths.set(path, module);
      const open: Mutable<LayerSummary>[] = [];
      module.registerForwardPreHook((_, args) => {
        const row = this.#open(path, module);
        row.inputShape = firstTensor(args)?.shape;
        open.push(row);
        return undefined;
      });
      module.registerForwardHook((_, __, output) => {
        this.#close(module, open.pop() as Mutable<LayerSummary>, firstTensor(output));
        return undefined;
      });
    }
  }

  #open(path: string, module: AnyModule): Mutable<LayerSummary> {
    const keys = path === "" ? [] : path.split(".");
    // Containers such as ModuleList are not called: they stand above the first of theirs that is.
    let above = "";
    for (const key of keys.slice(0, -1)) {
      above = joinKeys(above, key);
      const container = this.#paths.get(above) as AnyModule;
      if (!this.#modules.has(container)) this.#add(above, above.split(".").length, container);
    }
    return this.#add(path, keys.length, module);
  }

  #add(path: string, depth: number, module: AnyModule): Mutable<LayerSummary> {
    const before = this.#modules.get(module);
    const count = (this.#counts[depth] ?? 0) + 1;
    this.#counts[depth] = count;
    const children = module.children();
    const parameters = module.parameters();
    const below = new Set(children.flatMap((child) => child.parameters()));
    const row: Mutable<LayerSummary> = {
      name: module.constructor.name,
      path,
      depth,
      index: count,
      inputShape: undefined,
      outputShape: undefined,
      parameters: countOf(parameters),
      trainableParameters: countOf(parameters.filter((p) => p.requiresGrad)),
      ownParameters: countOf(parameters.filter((p) => !below.has(p))),
      multiplyAdds: 0,
      leaf: children.length === 0,
      recursive: before !== undefined,
    };
    this.layers.push(row);
    if (before === undefined) this.#modules.set(module, row);
    return row;
  }

  #close(module: AnyModule, row: Mutable<LayerSummary>, output: Tensor | undefined): void {
    row.outputShape = output?.shape;
    // A lazy layer has its class and its parameters only now.
    row.name = module.constructor.name;
    if (row.leaf) row.parameters = countOf(module.parameters());
    if (row.leaf && !row.recursive) row.ownParameters = row.parameters;
    row.multiplyAdds = multiplyAdds(module, row.inputShape, row.outputShape);
    if (row.leaf && row.parameters > 0 && output !== undefined)
      this.outputBytes.push(output.numel() * byteLengthOf(output.dtype));
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
const bytesOf = (tensors: readonly Tensor[]): number =>
  sum(tensors.map((t) => t.numel() * byteLengthOf(t.dtype)));

/**
 * A table of a model's layers with their shapes, parameters and multiply-adds, as torchinfo's
 * `summary` prints it. The model runs on the meta device: nothing is computed, and the model itself
 * is not touched.
 *
 * Multiply-adds are counted where parameters take part; embeddings look up and count none.
 *
 * @param model - Any module; where it is and whether it trains does not matter.
 * @param options - `inputSize` or `inputs`; `dtypes`, `depth`, `columns`.
 * @throws RangeError unless either `inputSize` or `inputs` is given.
 * @see https://github.com/TylerYep/torchinfo
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { Linear, ReLU, Sequential, utils } from "@tead/nn";
 * import { setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const model = new Sequential(new Linear(784, 128), new ReLU(), new Linear(128, 10));
 * const summary = utils.modelSummary(model, { inputSize: [64, 784] });
 * assert.equal(summary.totalParameters, 101_770);
 * assert.equal(summary.totalMultiplyAdds, 64 * 101_770);
 * assert.match(String(summary), /├─Linear: 1-1 +\[64, 128\] +100,480/);
 */
export function modelSummary(model: AnyModule, options: ModelSummaryOptions): ModelSummary {
  const inputs = inputsOf(options);
  const copy = deepCopyOf(model, isModule, (t) => t.newEmpty(t.shape, { device: meta() }));
  const recording = new Recording(copy);
  noGrad(() => (copy.forward as (...args: readonly unknown[]) => unknown)(...inputs));
  const parameters = copy.parameters();
  const { columns = ["outputShape", "params", "multiplyAdds"], depth = 3 } = options;
  const given = inputs.filter((input): input is Tensor => input instanceof Tensor);
  const summary: ModelSummary = {
    layers: recording.layers,
    totalParameters: countOf(parameters),
    trainableParameters: countOf(parameters.filter((p) => p.requiresGrad)),
    totalMultiplyAdds: sum(recording.layers.map((layer) => layer.multiplyAdds)),
    inputBytes: bytesOf(given),
    forwardBackwardBytes: 2 * sum(recording.outputBytes),
    parameterBytes: bytesOf(parameters),
    toString: () => summaryTable(summary, columns, depth),
  };
  Object.defineProperty(summary, Symbol.for("nodejs.util.inspect.custom"), {
    value: summary.toString,
  });
  return summary;
}
