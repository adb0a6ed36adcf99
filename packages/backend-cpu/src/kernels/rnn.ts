// Recurrent layers over whole sequences and their gradients: SIMD for float32, plain loops in float64 otherwise.
import type { KernelOf, Kernels, ops, View } from "@tead/tensor";
import * as twins from "../twins/index.ts";
import { f32Kernels } from "../wasm/index.ts";
import { areSingle, read, readOptional, writeAll } from "./floats.ts";

type F = Float32Array;
type Kind = Pick<typeof twins, keyof typeof twins & `${"rnn" | "lstm" | "gru"}Sequence${string}`>;

const f32: Kind = f32Kernels();
/** The twins take arrays of either float type as they come. */
const kindFor = (views: readonly (View | undefined)[]): Kind => (areSingle(views) ? f32 : twins);

const single = (view: View): F => read(view) as F;
const optional = (view: View | undefined): F | undefined => readOptional(view) as F | undefined;

const rnnSequence: KernelOf<typeof ops.rnnSequenceOp> = ({ inputs, outputs, attrs }) => {
  const [gates, state, weight] = inputs.map(single) as [F, F, F];
  const sequence = sequenceOf(attrs, inputs[2], 1);
  writeAll(outputs, inputs, ([output]) => {
    const relu = attrs.nonlinearity === "relu";
    kindFor(inputs).rnnSequenceF32(output as F, { gates, state, weight }, { ...sequence, relu });
  });
};

const rnnSequenceGrad: KernelOf<typeof ops.rnnSequenceGradOp> = ({ inputs, outputs, attrs }) => {
  const [grad, weight, output] = inputs.map(single) as [F, F, F];
  const sequence = { ...sequenceOf(attrs, inputs[1], 1), relu: attrs.nonlinearity === "relu" };
  writeAll(outputs, inputs, ([gradGates, gradState]) => {
    const out = { gradGates: gradGates as F, gradState: gradState as F };
    kindFor(inputs).rnnSequenceGradF32(out, { grad, weight, output }, sequence);
  });
};

const lstmSequence: KernelOf<typeof ops.lstmSequenceOp> = ({ inputs, outputs, attrs }) => {
  const [gates, state, cell, weight] = inputs.slice(0, 4).map((x) => single(x as View)) as F[];
  const operands = { gates, state, cell, weight, projection: optional(inputs[4]) };
  const sequence = sequenceOf(attrs, inputs[3], 4);
  writeAll(outputs, inputs, ([output, cells, activations]) => {
    const out = { output, cells, activations } as twins.LstmOut;
    kindFor(inputs).lstmSequenceF32(out, operands as twins.LstmIn, sequence);
  });
};

const lstmSequenceGrad: KernelOf<typeof ops.lstmSequenceGradOp> = ({ inputs, outputs, attrs }) => {
  const [grad, gradCells, cell, weight, cells, activations] = inputs.map(optional);
  const operands = { grad, gradCells, cell, weight, cells, activations } as twins.LstmGradIn;
  const sequence = sequenceOf(attrs, inputs[3], 4);
  writeAll(outputs, inputs, ([gradGates, gradState, gradCell]) => {
    const out = { gradGates, gradState, gradCell } as twins.LstmGradOut;
    kindFor(inputs).lstmSequenceGradF32(out, operands, sequence);
  });
};

const gruSequence: KernelOf<typeof ops.gruSequenceOp> = ({ inputs, outputs, attrs }) => {
  const [gates, state, weight, bias] = inputs.map(optional);
  const sequence = sequenceOf(attrs, inputs[2], 3);
  writeAll(outputs, inputs, ([output, activations]) => {
    const out = { output, activations } as twins.GruOut;
    const operands = { gates, state, weight, bias } as twins.GruIn;
    kindFor(inputs).gruSequenceF32(out, operands, sequence);
  });
};

const gruSequenceGrad: KernelOf<typeof ops.gruSequenceGradOp> = ({ inputs, outputs, attrs }) => {
  const [grad, state, weight, output, activations] = inputs.map(single) as F[];
  const operands = { grad, state, weight, output, activations } as twins.GruGradIn;
  const sequence = sequenceOf(attrs, inputs[2], 3);
  writeAll(outputs, inputs, ([gradGates, gradProducts, gradState]) => {
    const out = { gradGates, gradProducts, gradState } as twins.GruGradOut;
    kindFor(inputs).gruSequenceGradF32(out, operands, sequence);
  });
};

/** The steps, and the gates' size: the weight has `gates` times as many rows. */
function sequenceOf(attrs: ops.SequenceAttrs, { shape }: View, gates: number): twins.Sequence {
  const { batchSizes, reverse } = attrs;
  return { batchSizes, reverse, hidden: (shape[0] as number) / gates };
}

export const rnnKernels: Partial<Kernels> = {
  rnnSequence,
  rnnSequenceGrad,
  lstmSequence,
  lstmSequenceGrad,
  gruSequence,
  gruSequenceGrad,
};
