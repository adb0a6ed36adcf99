// The optimizers' updates: one dispatch for each parameter, over it and its state in place.
import { type KernelOf, type Kernels, numelOf, type ops, type View } from "@tead/tensor";
import { type Gpu, slotOf } from "../gpu/gpu.ts";
import type { ProgramSource } from "../gpu/program.ts";
import { loaded, storageType, stored } from "../wgsl/elements.ts";
import { mathSource } from "../wgsl/math.ts";
import { densely } from "./aliases.ts";
import { workgroupSize } from "./geometry.ts";

type Updates = "sgdUpdate" | "adamUpdate" | "rmspropUpdate" | "adagradUpdate" | "momentUpdate";

export const updateKernels = (gpu: Gpu): Pick<Kernels, Updates> => ({
  sgdUpdate: sgdKernel(gpu),
  adamUpdate: adamKernel(gpu),
  rmspropUpdate: rmspropKernel(gpu),
  adagradUpdate: adagradKernel(gpu),
  momentUpdate: momentKernel(gpu),
});

/** A program over elements of the same place: `names[k]` is element k, those in `written` are stored. */
interface Update {
  readonly op: string;
  readonly names: readonly string[];
  /** How many of the operands are written; they come first. */
  readonly written: number;
  /** The numbers that the code reads as `p.name`. */
  readonly numbers: Readonly<Record<string, number>>;
  /** Which variant of the op's code it is. */
  readonly variant: string;
  readonly code: string;
}

type Views = readonly View[];

/** Runs the program once for each parameter; a list of state that there is none of is empty. */
function run(gpu: Gpu, update: Update, state: readonly Views[], gradients: Views): void {
  const lists = state.filter((list) => list.length > 0);
  for (const [i, gradient] of gradients.entries())
    runOne(
      gpu,
      update,
      lists.map((list) => list[i] as View),
      gradient,
    );
}

function runOne(gpu: Gpu, update: Update, state: Views, gradient: View): void {
  const { op, variant, numbers } = update;
  densely(
    gpu,
    op,
    [gradient],
    state,
    (inputs, outputs) => {
      const views = [...outputs, ...inputs] as readonly View[];
      const count = numelOf(gradient.shape);
      gpu.run({
        op,
        key: `${op} ${variant} ${gradient.dtype}`,
        source: () => updateSource(update, gradient),
        buffers: views.map(slotOf),
        params: [count, ...views.map(({ offset }) => offset), ...Object.values(numbers)],
        groups: Math.ceil(count / workgroupSize),
      });
    },
    true,
  );
}

function updateSource({ names, written, numbers, code }: Update, { dtype }: View): ProgramSource {
  const place = (name: string): string => `${name}_data[p.${name}_offset + i]`;
  const isWritten = (k: number): boolean => k < written;
  return {
    params: [
      { name: "count", type: "u32" },
      ...names.map((name) => ({ name: `${name}_offset`, type: "u32" }) as const),
      ...Object.keys(numbers).map((name) => ({ name, type: "f32" }) as const),
    ],
    bindings: names.map((name, k) => ({
      name: `${name}_data`,
      type: storageType(dtype),
      access: isWritten(k) ? "read_write" : "read",
    })),
    workgroup: [workgroupSize, 1, 1],
    declarations: mathSource(code),
    main: `if (i >= p.count) { return; }
${names.map((name) => `var ${name} = ${loaded(dtype, place(name))};`).join("\n")}
${code}
${names
  .filter((_, k) => isWritten(k))
  .map((name) => `${place(name)} = ${stored(dtype, name)};`)
  .join("\n")}`,
  };
}

function sgdKernel(gpu: Gpu): KernelOf<typeof ops.sgdUpdateOp> {
  return ({ inputs: [params, grads, buffers], attrs }) => {
    const { lr, weightDecay, momentum, dampening, nesterov, maximize, first } = attrs;
    const moves = buffers.length > 0;
    const kept = first ? "m = d;" : "m = m * p.momentum + d * p.share;";
    const step = nesterov ? "d = d + m * p.momentum;" : "d = m;";
    run(
      gpu,
      {
        op: "sgdUpdate",
        names: moves ? ["x", "m", "d"] : ["x", "d"],
        written: moves ? 2 : 1,
        numbers: { sign: maximize ? -1 : 1, weightDecay, momentum, share: 1 - dampening, lr },
        variant: `${weightDecay !== 0} ${moves ? `${first} ${nesterov}` : "plain"}`,
        code: `${descent(weightDecay)}
${moves ? kept + step : ""}
x = x - d * p.lr;`,
      },
      [params, buffers],
      grads,
    );
  };
}

function adamKernel(gpu: Gpu): KernelOf<typeof ops.adamUpdateOp> {
  return ({ inputs: [params, grads, averages, squares, largest], attrs }) => {
    const { lr, beta1, beta2, eps, weightDecay, decoupled, maximize, step } = attrs;
    const hasTop = largest.length > 0;
    const decays = weightDecay !== 0 && !decoupled;
    // NaN wins.
    const top = hasTop ? "w = select(w, v, v > w || isNan(v));" : "";
    run(
      gpu,
      {
        op: "adamUpdate",
        names: hasTop ? ["x", "m", "v", "w", "d"] : ["x", "m", "v", "d"],
        written: hasTop ? 4 : 3,
        numbers: {
          sign: maximize ? -1 : 1,
          weightDecay,
          kept: decoupled ? 1 - lr * weightDecay : 1,
          beta1,
          rest1: 1 - beta1,
          beta2,
          rest2: 1 - beta2,
          stepSize: lr / (1 - beta1 ** step),
          correction: Math.sqrt(1 - beta2 ** step),
          eps,
        },
        variant: `${decays} ${hasTop ? "amsgrad" : ""}`,
        code: `d = d * p.sign${decays ? " + x * p.weightDecay" : ""};
x = x * p.kept;
m = m * p.beta1 + d * p.rest1;
v = v * p.beta2 + d * d * p.rest2;
${top}
x = x - m * p.stepSize / (sqrt(${hasTop ? "w" : "v"}) / p.correction + p.eps);`,
      },
      [params, averages, squares, largest],
      grads,
    );
  };
}

/** The gradient's sign and the parameter's share in it. */
const descent = (weightDecay: number): string =>
  `d = d * p.sign${weightDecay === 0 ? "" : " + x * p.weightDecay"};`;

function rmspropKernel(gpu: Gpu): KernelOf<typeof ops.rmspropUpdateOp> {
  return ({ inputs: [params, grads, squares, averages, buffers], attrs }) => {
    const { lr, alpha, eps, weightDecay, momentum, maximize } = attrs;
    const [centers, moves] = [averages.length > 0, buffers.length > 0];
    const centered = centers ? "m = m * p.alpha + d * p.rest;" : "";
    const second = centers ? "v - m * m" : "v";
    run(
      gpu,
      {
        op: "rmspropUpdate",
        names: ["x", "v", ...(centers ? ["m"] : []), ...(moves ? ["b"] : []), "d"],
        written: 2 + Number(centers) + Number(moves),
        numbers: {
          sign: maximize ? -1 : 1,
          weightDecay,
          alpha,
          rest: 1 - alpha,
          momentum,
          lr,
          eps,
        },
        variant: `${weightDecay !== 0} ${centers} ${moves}`,
        code: `${descent(weightDecay)}
v = v * p.alpha + d * d * p.rest;
${centered}
var step = d / (sqrt(${second}) + p.eps);
${moves ? "b = b * p.momentum + step; step = b;" : ""}
x = x - step * p.lr;`,
      },
      [params, squares, averages, buffers],
      grads,
    );
  };
}

function adagradKernel(gpu: Gpu): KernelOf<typeof ops.adagradUpdateOp> {
  return ({ inputs: [params, grads, sums], attrs }) => {
    const { rate, eps, weightDecay, maximize } = attrs;
    run(
      gpu,
      {
        op: "adagradUpdate",
        names: ["x", "v", "d"],
        written: 2,
        numbers: { sign: maximize ? -1 : 1, weightDecay, rate, eps },
        variant: `${weightDecay !== 0}`,
        code: `${descent(weightDecay)}
v = v + d * d;
x = x - d / (sqrt(v) + p.eps) * p.rate;`,
      },
      [params, sums],
      grads,
    );
  };
}

function momentKernel(gpu: Gpu): KernelOf<typeof ops.momentUpdateOp> {
  return ({ inputs: [params, grads, averages, squares], attrs }) => {
    const { beta1, beta2, weightDecay, shrink, maximize, adaptive } = attrs;
    const { eps, gradRate, averageRate, correction } = attrs;
    const rest = { rest1: 1 - beta1, rest2: 1 - beta2 };
    const root = adaptive ? " / (sqrt(v / p.correction) + p.eps)" : "";
    const along = adaptive && gradRate === 0 ? "" : "d * p.gradRate + ";
    run(
      gpu,
      {
        op: "momentUpdate",
        names: ["x", "m", "v", "d"],
        written: 3,
        numbers: {
          ...{ sign: maximize ? -1 : 1, weightDecay, shrink, beta1, beta2 },
          ...{ ...rest, gradRate, averageRate, correction, eps },
        },
        variant: `${weightDecay !== 0} ${adaptive} ${along === ""}`,
        code: `${descent(weightDecay)}
x = x * p.shrink;
m = m * p.beta1 + d * p.rest1;
v = v * p.beta2 + d * d * p.rest2;
x = x - (${along}m * p.averageRate)${root};`,
      },
      [params, averages, squares],
      grads,
    );
  };
}
