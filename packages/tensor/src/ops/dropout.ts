// What dropout does with the mask that was drawn for it.
import { dispatch } from "../dispatch.ts";
import { DTypeError } from "../errors.ts";
import { defineFusable, type Fusable, type TensorSpec } from "../op.ts";
import { broadcastShapes } from "../shape.ts";
import { requireFloat } from "./rules.ts";

/** What `maskedScale` takes. */
export interface MaskedScaleAttrs {
  /** The factor where the mask is true. */
  readonly scale: number;
}

type MaskedScale = Fusable<"maskedScale", readonly ["mask", "input"], MaskedScaleAttrs>;
/** y = scale x where the mask is true, else 0 x, which keeps NaN and makes NaN of infinity; dL/dx likewise of g */
export const maskedScaleOp: MaskedScale = defineFusable("maskedScale", {
  inputs: ["mask", "input"],
  saves: ["mask"],
  elementwise: true,
  unpromoted: ["mask"],
  infer: ([mask, input]): [TensorSpec] => {
    requireFloat(input, "Input");
    if (mask.dtype !== "bool")
      throw new DTypeError(`Mask is not bool: expected bool, received ${mask.dtype}`);
    return [{ shape: broadcastShapes(mask.shape, input.shape), dtype: input.dtype }];
  },
  gradient: ({ grads: [g], attrs, mask }) => [undefined, dispatch(maskedScaleOp, [mask, g], attrs)],
  decompose: ([mask, x], { scale }) => [x.mul(mask.to(x.dtype).mul(scale))],
});
