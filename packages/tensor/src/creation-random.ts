// Making tensors of random values: PyTorch's draws, so that a seed gives the same numbers there.
import { getDefaultDevice } from "./context.ts";
import { finish, type TensorOptions } from "./creation.ts";
import { allocate } from "./dispatch.ts";
import type { LikeOptions } from "./methods/convert.ts";
import { uploaded } from "./methods/index.ts";
import {
  drawn,
  type GeneratorOption,
  type MultinomialOption,
  normalAbout,
} from "./methods/random.ts";
import { fillRandint, fillRandperm } from "./random/index.ts";
import { checkShape, numelOf, type Shape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** Where and how a random tensor is made, and where its draws come from. */
export interface RandomOptions extends TensorOptions, GeneratorOption {}

function blank(
  op: string,
  shape: Shape,
  { device = getDefaultDevice(), dtype = "float32" }: TensorOptions,
): Tensor {
  return allocate(device, { shape: checkShape(shape, op), dtype });
}

/**
 * Uniform numbers in [0, 1), float32 unless said.
 *
 * @throws {DTypeError} where `dtype` is not floating-point
 * @see https://pytorch.org/docs/stable/generated/torch.rand.html
 * @category Random
 * @example
 * import assert from "node:assert/strict";
 * import { manualSeed, rand, setDefaultDevice } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * manualSeed(0);
 * assert.equal(rand([3]).toString(), "tensor([0.4963, 0.7682, 0.0885])");
 */
export function rand(shape: Shape, options: RandomOptions = {}): Tensor {
  return finish(blank("rand", shape, options).uniform_(0, 1, options), options);
}

/**
 * Normal numbers with mean 0 and variance 1, float32 unless said.
 *
 * @throws {DTypeError} where `dtype` is not floating-point
 * @see https://pytorch.org/docs/stable/generated/torch.randn.html
 * @category Random
 * @example
 * import assert from "node:assert/strict";
 * import { manualSeed, randn, setDefaultDevice } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * manualSeed(0);
 * assert.equal(randn([3]).toString(), "tensor([ 1.5410, -0.2934, -2.1788])");
 */
export function randn(shape: Shape, options: RandomOptions = {}): Tensor {
  return finish(blank("randn", shape, options).normal_(0, 1, options), options);
}

/**
 * Integers in [0, high) or [low, high), int32 unless said.
 *
 * @throws {RangeError} where the range is empty or beyond the dtype
 * @see https://pytorch.org/docs/stable/generated/torch.randint.html
 * @category Random
 */
export function randint(high: number, shape: Shape, options?: RandomOptions): Tensor;
export function randint(low: number, high: number, shape: Shape, options?: RandomOptions): Tensor;
export function randint(
  first: number,
  second: number | Shape,
  third?: Shape | RandomOptions,
  fourth?: RandomOptions,
): Tensor {
  const [low, high, shape, options = {}] =
    typeof second === "number"
      ? [first, second, third as Shape, fourth]
      : [0, first, second, third as RandomOptions | undefined];
  const { device = getDefaultDevice(), dtype = "int32" } = options;
  return finish(
    integers(low, high, checkShape(shape, "randint"), { ...options, device, dtype }),
    options,
  );
}

function integers(
  low: number,
  high: number,
  shape: Shape,
  { device, dtype, ...options }: Required<LikeOptions> & GeneratorOption,
): Tensor {
  const values = drawn(
    dtype,
    numelOf(shape),
    (array, generator) => fillRandint(array, generator, low, high, dtype),
    options,
  );
  return uploaded(device, dtype, shape, values);
}

/**
 * The integers 0 to n - 1 in random order, int32 unless said.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.randperm.html
 * @category Random
 * @example
 * import assert from "node:assert/strict";
 * import { manualSeed, randperm, setDefaultDevice } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * manualSeed(0);
 * assert.deepEqual(randperm(5).tolistSync(), [4, 0, 1, 3, 2]);
 */
export function randperm(n: number, options: RandomOptions = {}): Tensor {
  const { device = getDefaultDevice(), dtype = "int32" } = options;
  const shape = checkShape([n], "randperm");
  return finish(uploaded(device, dtype, shape, drawn(dtype, n, fillRandperm, options)), options);
}

/**
 * Normal numbers: with one mean and one standard deviation for all, or one for each element.
 *
 * @param mean - a number, or a tensor of them
 * @param std - a number, or a tensor of them
 * @param shape - where both are numbers: the result's shape
 * @see https://pytorch.org/docs/stable/generated/torch.normal.html
 * @category Random
 */
export function normal(mean: number, std: number, shape: Shape, options?: RandomOptions): Tensor;
export function normal(mean: Tensor, std: Tensor | number, options?: GeneratorOption): Tensor;
export function normal(mean: number, std: Tensor, options?: GeneratorOption): Tensor;
export function normal(
  mean: number | Tensor,
  std: number | Tensor,
  third: Shape | GeneratorOption = {},
  options: RandomOptions = {},
): Tensor {
  if (typeof mean === "number" && typeof std === "number")
    return finish(blank("normal", third as Shape, options).normal_(mean, std, options), options);
  return normalAbout(mean, std, third as GeneratorOption);
}

/** Ones, each with the probability that `input` gives, and zeros: `Tensor.bernoulli`. @category Random */
export function bernoulli(input: Tensor, options?: GeneratorOption): Tensor {
  return input.bernoulli(options);
}

/** Category indices drawn by weight: `Tensor.multinomial`. @category Random */
export function multinomial(
  weights: Tensor,
  samples: number,
  options?: MultinomialOption,
): Promise<Tensor> {
  return weights.multinomial(samples, options);
}

function like(
  input: Tensor,
  { dtype = input.dtype, device = input.device }: TensorOptions,
): Required<LikeOptions> {
  return { dtype, device };
}

/** Uniform numbers in [0, 1) of the input's shape, dtype and device. @category Random */
export function randLike(input: Tensor, options: RandomOptions = {}): Tensor {
  return rand(input.shape, { ...options, ...like(input, options) });
}

/** Normal numbers of the input's shape, dtype and device. @category Random */
export function randnLike(input: Tensor, options: RandomOptions = {}): Tensor {
  return randn(input.shape, { ...options, ...like(input, options) });
}

/** Integers in [0, high) or [low, high) of the input's shape, dtype and device. @category Random */
export function randintLike(input: Tensor, high: number, options?: RandomOptions): Tensor;
export function randintLike(
  input: Tensor,
  low: number,
  high: number,
  options?: RandomOptions,
): Tensor;
export function randintLike(
  input: Tensor,
  first: number,
  second: number | RandomOptions = {},
  third: RandomOptions = {},
): Tensor {
  const [low, high, options] =
    typeof second === "number" ? [first, second, third] : [0, first, second];
  return finish(integers(low, high, input.shape, { ...options, ...like(input, options) }), options);
}
