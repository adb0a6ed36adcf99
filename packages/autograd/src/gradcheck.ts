// Proof of a gradient: the Jacobian that backward gives against one by finite differences, in
// float64. PyTorch's algorithm and tolerances.
import { enableGrad, isFloat, StateError, Tensor } from "@tead/tensor";
import { grad } from "./backward.ts";

/** Options of `gradcheck` and `gradgradcheck`. */
export interface GradcheckOptions {
  /** The step of the finite differences; 1e-6 unless said. */
  readonly eps?: number;
  /** Allowed absolute error; 1e-5 unless said. */
  readonly atol?: number;
  /** Allowed relative error; 1e-3 unless said. */
  readonly rtol?: number;
  /** How far two runs of backward may differ; 0 unless said. */
  readonly nondetTol?: number;
}
export interface GradgradcheckOptions extends GradcheckOptions {
  /** The gradients to differentiate; random ones unless said. */
  readonly gradOutputs?: readonly Tensor[];
}

type Checked = (...inputs: Tensor[]) => Tensor | readonly Tensor[];

/** Rows are input elements, columns output elements. */
interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float64Array;
}

const matrix = (rows: number, columns: number): Matrix => ({
  rows,
  columns,
  values: new Float64Array(rows * columns),
});

/**
 * Whether backward gives the derivatives of `fn`: compares them with finite differences for every
 * input that requires grad. Throws where they differ, showing the worst entry. Only on devices with
 * synchronous reads.
 *
 * @param fn - Takes the inputs, gives one tensor or a list; outputs of integer dtype are left out.
 * @param inputs - Of float64 where they require grad: in float32 the differences are noise.
 * @returns true.
 * @throws {StateError} where the derivatives disagree, or differ from run to run.
 * @see https://pytorch.org/docs/stable/generated/torch.autograd.gradcheck.html
 * @example
 * import assert from "node:assert/strict";
 * import { gradcheck } from "@tead/autograd";
 * import { cpu } from "@tead/backend-cpu";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 *
 * setDefaultDevice(cpu());
 * const x = tensor([0.5, 2], { dtype: "float64", requiresGrad: true });
 * assert.ok(gradcheck((t) => t.exp().mul(t), [x]));
 */
export function gradcheck(
  fn: Checked,
  inputs: readonly Tensor[],
  options: GradcheckOptions = {},
): boolean {
  return enableGrad(() => check("gradcheck", fn, inputs, options));
}

function check(
  what: string,
  fn: Checked,
  inputs: readonly Tensor[],
  { eps = 1e-6, atol = 1e-5, rtol = 1e-3, nondetTol = 0 }: GradcheckOptions,
): boolean {
  const places = checkedPlaces(what, inputs);
  const outputs = differentiable(fn, inputs);
  outputs.forEach((output, o) => {
    const analytical = analyticalJacobian(output, inputs, places);
    const again = analyticalJacobian(output, inputs, places);
    const numerical = numericalJacobian(fn, inputs, places, o, output.numel(), eps);
    places.forEach((place, i) => {
      const [a, b, n] = [analytical[i], again[i], numerical[i]] as [Matrix, Matrix, Matrix];
      const label = `output ${o} by input ${place}`;
      compare(`${what}: Backward is not deterministic, ${label}`, a, b, nondetTol, 0);
      compare(`${what}: Derivatives disagree, ${label}`, a, n, atol, rtol);
    });
  });
  if (outputs.length === 0) checkConstant(what, fn, inputs, places, eps, atol);
  return true;
}

/** Which inputs are to be differentiated, all of float64. */
function checkedPlaces(what: string, inputs: readonly Tensor[]): number[] {
  const places = inputs.flatMap((x, i) => (x.requiresGrad ? [i] : []));
  if (places.length === 0)
    throw new StateError(`${what}: No input requires grad: expected at least one that does`);
  for (const i of places) {
    const { dtype } = inputs[i] as Tensor;
    if (dtype !== "float64")
      throw new StateError(
        `${what}: Input ${i} is not precise enough: expected float64, received ${dtype}`,
        { hint: 'make it with { dtype: "float64", requiresGrad: true }' },
      );
  }
  return places;
}

function outputsOf(fn: Checked, inputs: readonly Tensor[]): readonly Tensor[] {
  const result = fn(...inputs);
  return result instanceof Tensor ? [result] : result;
}

function differentiable(fn: Checked, inputs: readonly Tensor[]): Tensor[] {
  return outputsOf(fn, inputs).filter((y) => y.requiresGrad);
}

function analyticalJacobian(
  output: Tensor,
  inputs: readonly Tensor[],
  places: readonly number[],
): Matrix[] {
  const count = output.numel();
  const wanted = places.map((i) => inputs[i] as Tensor);
  const jacobians = wanted.map((x) => matrix(x.numel(), count));
  for (let column = 0; column < count; column++) {
    const seed = output.detach().zerosLike();
    seed.view([-1]).select(0, column).fill_(1);
    const gradients = grad(output, wanted, {
      gradOutputs: seed,
      retainGraph: true,
      allowUnused: true,
    });
    gradients.forEach((g, i) => {
      const { values } = jacobians[i] as Matrix;
      g?.dataSync().forEach((value, row) => {
        values[row * count + column] = Number(value);
      });
    });
  }
  return jacobians;
}

/** Central differences of the o-th differentiable output, moving one element at a time. */
function numericalJacobian(
  fn: Checked,
  inputs: readonly Tensor[],
  places: readonly number[],
  o: number,
  count: number,
  eps: number,
): Matrix[] {
  return places.map((place) => {
    const x = inputs[place] as Tensor;
    const values = Float64Array.from(x.dataSync() as Float64Array);
    const result = matrix(x.numel(), count);
    const at = (row: number, value: number): ArrayLike<number | bigint> => {
      const moved = values.slice();
      moved[row] = value;
      const copy = x.detach().clone().setData(moved).requiresGrad_();
      const outputs = differentiable(fn, inputs.with(place, copy));
      return (outputs[o] as Tensor).dataSync();
    };
    for (let row = 0; row < result.rows; row++) {
      const value = values[row] as number;
      const above = at(row, value + eps);
      const below = at(row, value - eps);
      for (let column = 0; column < count; column++)
        result.values[row * count + column] =
          (Number(above[column]) - Number(below[column])) / (2 * eps);
    }
    return result;
  });
}

/** With no output that requires grad, none may depend on the inputs. */
function checkConstant(
  what: string,
  fn: Checked,
  inputs: readonly Tensor[],
  places: readonly number[],
  eps: number,
  atol: number,
): void {
  const values = (given: readonly Tensor[]): number[][] =>
    outputsOf(fn, given)
      .filter((y) => isFloat(y.dtype))
      .map((y) => Array.from(y.dataSync(), Number));
  const before = values(inputs);
  for (const place of places) {
    const moved = inputs.with(place, (inputs[place] as Tensor).detach().add(eps).requiresGrad_());
    values(moved).forEach((output, o) => {
      output.forEach((value, i) => {
        if (Math.abs(value - (before[o]?.[i] as number)) > atol * eps)
          throw new StateError(
            `${what}: Output ${o} requires no grad: expected it not to depend on input ${place}`,
          );
      });
    });
  }
}

/** Throws for the entry that exceeds its tolerance most. */
function compare(what: string, a: Matrix, b: Matrix, atol: number, rtol: number): void {
  let worst = -1;
  let excess = 0;
  for (let i = 0; i < a.values.length; i++) {
    const [x, y] = [a.values[i] as number, b.values[i] as number];
    if (x === y || (Number.isNaN(x) && Number.isNaN(y))) continue;
    const over = Math.abs(x - y) - (atol + rtol * Math.abs(y));
    if (!(over <= excess)) {
      excess = Number.isNaN(over) ? Number.POSITIVE_INFINITY : over;
      worst = i;
    }
  }
  if (worst < 0) return;
  const [row, column] = [Math.floor(worst / a.columns), worst % a.columns];
  throw new StateError(
    `${what}: worst at input element ${row}, output element ${column}: ` +
      `expected ${b.values[worst]} (finite differences), received ${a.values[worst]} (backward)`,
  );
}

/**
 * Whether the gradient of `fn` can itself be differentiated right: `gradcheck` of its backward.
 *
 * @param fn - Takes the inputs, gives one tensor or a list.
 * @param inputs - Of float64 where they require grad.
 * @returns true.
 * @throws {StateError} where the second derivatives disagree.
 * @see https://pytorch.org/docs/stable/generated/torch.autograd.gradgradcheck.html
 */
export function gradgradcheck(
  fn: Checked,
  inputs: readonly Tensor[],
  { gradOutputs, ...options }: GradgradcheckOptions = {},
): boolean {
  return enableGrad(() => {
    const outputs = differentiable(fn, inputs);
    const seeds = gradOutputs ?? outputs.map((y, i) => seedLike(y, i).requiresGrad_());
    const places = checkedPlaces("gradgradcheck", inputs);
    const backward = (...all: Tensor[]): Tensor[] => {
      const given = all.slice(0, inputs.length);
      // A result that nothing moves is still an output: detached inputs get gradients as well.
      const results = grad(
        differentiable(fn, given),
        places.map((i) => given[i] as Tensor),
        {
          gradOutputs: all.slice(inputs.length),
          createGraph: true,
          allowUnused: true,
        },
      );
      return results.filter((g) => g !== undefined);
    };
    return check("gradgradcheck", backward, [...inputs, ...seeds], options);
  });
}

/** Fixed weights without structure, so that a check does not depend on a generator. */
function seedLike(output: Tensor, salt: number): Tensor {
  const values = Float64Array.from({ length: output.numel() }, (_, i) =>
    Math.sin(1 + i * 1.7 + salt),
  );
  return output
    .detach()
    .zerosLike()
    .setData(values as never);
}
