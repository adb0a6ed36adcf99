// PyTorch's distributions over typed arrays: one generator, the same draws, the same numbers.
export { fillBernoulli, fillBernoulliEach } from "./bernoulli.ts";
export { drawSeed, fillRandint, fillRandom, type NumberArray } from "./integers.ts";
export { fillMultinomial, type MultinomialOptions } from "./multinomial.ts";
export { fillLogNormal, fillNormal, fillNormalOneByOne } from "./normal.ts";
export { fillRandperm, randomOrder } from "./permutation.ts";
export { type FloatDType, type RealArray, rounderOf } from "./precision.ts";
export { fillCauchy, fillExponential, fillGeometric } from "./transforms.ts";
export { fillUniform } from "./uniform.ts";
