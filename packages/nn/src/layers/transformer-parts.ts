// What the Transformer's layers share: options, activations, masks.
import { gelu, relu, Tensor } from "@tead/tensor";
import type { FactoryOptions } from "./factory.ts";

/** A function from tensor to tensor, or the name of one. */
export type TransformerActivation = "relu" | "gelu" | ((input: Tensor) => Tensor);

/** Options of the Transformer's layers. */
export interface TransformerLayerOptions extends FactoryOptions {
  /** The size between the two linear layers. Default 2048. */
  readonly dimFeedforward?: number;
  /** The probability of dropping an element, in training. Default 0.1. */
  readonly dropout?: number;
  /** What stands between the two linear layers. Default "relu". */
  readonly activation?: TransformerActivation;
  /** Added to the variance in the norms. Default 1e-5. */
  readonly layerNormEps?: number;
  /** Whether sequences are `[batch, steps, size]` and not `[steps, batch, size]`. Default false. */
  readonly batchFirst?: boolean;
  /** Whether the norms stand before attention and linear layers, not after. Default false. */
  readonly normFirst?: boolean;
  /** Whether linear layers, projections and norms have biases. Default true. */
  readonly bias?: boolean;
}

/** The function that `activation` names. */
export function activationOf(
  layer: string,
  activation: TransformerActivation,
): (x: Tensor) => Tensor {
  if (typeof activation === "function") return activation;
  // Functions with a name, by which saved models know them.
  if (activation === "relu") return relu;
  if (activation === "gelu") return gelu;
  throw new RangeError(
    `${layer}: Option activation is not valid: expected "relu", "gelu" or a function, received ${activation}`,
  );
}

/** Masks by name, where one of them may stand bare. */
export function maskOptions<O extends object>(name: keyof O & string, given: Tensor | O): O {
  return given instanceof Tensor ? ({ [name]: given } as O) : given;
}
