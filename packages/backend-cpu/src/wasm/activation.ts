// Activations and their gradients, float32. The twins, with the formulas, are in src/twins/activation.ts; what has an
// exponential agrees within a few units in the last place of its largest intermediate value.
import * as twins from "../twins/activation.ts";
import { mapNames } from "../twins/elementwise.ts";
import { wasmEngine } from "./engine.ts";
import type { ActivationGradName, ActivationName } from "./exports.ts";
import { dense, mapChunks } from "./operands.ts";

/** One operand and the options p, q and r. */
export const activationF32: Readonly<Record<ActivationName, twins.ActivationF32>> = mapNames(
  twins.activations,
  (name): twins.ActivationF32 =>
    (out, outOffset, x, xOffset, count, p, q, r) => {
      const kernel = wasmEngine().kernels[name];
      const operands = [dense(x, xOffset, count)];
      mapChunks((to, a, _b, _c, n) => kernel(to, a, n, p, q, r), out, outOffset, operands, count);
    },
);

/** The output's gradient, the input, and the options. */
export const activationGradF32: Readonly<Record<ActivationGradName, twins.ActivationGradF32>> =
  mapNames(
    twins.activationSlopes,
    (name): twins.ActivationGradF32 =>
      (out, outOffset, grad, gradOffset, x, xOffset, count, p, q, r) => {
        const kernel = wasmEngine().kernels[name];
        const operands = [dense(grad, gradOffset, count), dense(x, xOffset, count)];
        mapChunks(
          (to, a, b, _, n) => kernel(to, a, b, n, p, q, r),
          out,
          outOffset,
          operands,
          count,
        );
      },
  );
