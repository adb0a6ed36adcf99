// Every check, in the order in which they are asked: the plain questions first.
import type { Check } from "../check.ts";
import { aliasing } from "./aliasing.ts";
import { decomposition, inference } from "./decomposition.ts";
import { errors } from "./errors.ts";
import { forward } from "./forward.ts";
import { finiteDifferences, singleGradients } from "./gradients.ts";
import { integers } from "./integers.ts";
import { layoutsCheck, outputsCheck } from "./layouts.ts";
import { memory } from "./memory.ts";
import { operandsCheck } from "./operands.ts";
import { precision, specialValues } from "./precision.ts";
import { numbers, sizes } from "./sizes.ts";

export const checks: readonly Check[] = [
  forward,
  sizes,
  layoutsCheck,
  outputsCheck,
  aliasing,
  operandsCheck,
  numbers,
  precision,
  specialValues,
  integers,
  errors,
  memory,
  decomposition,
  inference,
  finiteDifferences,
  singleGradients,
];
