// What one call of a layer costs: its multiply-adds, by what it multiplies its weights with.
import type { Shape, Tensor } from "@tead/tensor";
import type { AnyModule } from "../module/module.ts";

const product = (sizes: Shape): number => sizes.reduce((a, b) => a * b, 1);

/** How often each element of a layer's parameters takes part in one call. */
function uses(name: string, parameter: string, input: Shape, output: Shape): number {
  if (/Embedding/.test(name)) return 0;
  // A transposed convolution lays its kernel at every place of the input.
  if (/ConvTranspose/.test(name) && parameter === "weight")
    return product([input[0] ?? 1, ...input.slice(2)]);
  if (/Conv/.test(name)) return product([output[0] ?? 1, ...output.slice(2)]);
  if (/Linear$/.test(name)) return product(output.slice(0, -1));
  // Recurrent layers and attention name their parameters by what they are for.
  if (parameter !== "weight" && parameter !== "bias") return product(output.slice(0, 2));
  return output[0] ?? 1;
}

/** The multiply-adds of one call, as torchinfo counts them: each parameter's, the bias included. */
export function multiplyAdds(
  module: AnyModule,
  input: Shape | undefined,
  output: Shape | undefined,
): number {
  if (output === undefined) return 0;
  const { name } = module.constructor;
  return module
    .namedParameters({ recurse: false })
    .map(([key, { shape }]) => product(shape) * uses(name, key, input ?? [], output))
    .reduce((a, b) => a + b, 0);
}

/** How many elements the parameters have, each counted once. */
export const countOf = (parameters: readonly Tensor[]): number =>
  [...new Set(parameters)].reduce((sum, parameter) => sum + parameter.numel(), 0);
