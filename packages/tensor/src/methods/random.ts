// Random values, written in place or drawn by the values: PyTorch's draws from the same generator.
// The host draws and uploads, so that every device shows the same numbers; a device with
// draws of its own makes float32 itself.
import type { Draw } from "../backend.ts";
import { noGrad, runtime } from "../context.ts";
import { type DType, isFloat, isHalf, makeArray, type TypedArray } from "../dtype.ts";
import { DTypeError, ShapeError } from "../errors.ts";
import type { Generator } from "../generator.ts";
import { decodeHalf, encodeHalf } from "../half.ts";
import {
  type FloatDType,
  fillBernoulli,
  fillCauchy,
  fillExponential,
  fillGeometric,
  fillLogNormal,
  fillMultinomial,
  fillNormal,
  fillNormalOneByOne,
  fillRandint,
  fillRandom,
  fillUniform,
  type NumberArray,
  type RealArray,
} from "../random/index.ts";
import { type Shape, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { uploaded } from "./convert.ts";
import { drawnInto, drawnThere } from "./device-draws.ts";
import { StatisticsMethods } from "./statistics.ts";

/** What every function that draws takes. */
export interface GeneratorOption {
  /** Where the draws come from; the default generator unless said. */
  readonly generator?: Generator;
}

/** Options of `multinomial()`. */
export interface MultinomialOption extends GeneratorOption {
  /** Whether a category may be drawn again; false unless said. */
  readonly replacement?: boolean;
}

type Fill = (values: NumberArray, generator: Generator) => void;
type FillReal = (values: RealArray, generator: Generator, dtype: FloatDType) => void;

/** Values drawn on the host, as a backend stores them. @internal */
export function drawn(
  dtype: DType,
  count: number,
  fill: Fill,
  { generator = runtime.generator }: GeneratorOption,
): TypedArray {
  const half = isHalf(dtype);
  const values = (half ? new Float32Array(count) : makeArray(dtype, count)) as NumberArray;
  fill(values, generator);
  return half ? encodeHalf(values as Float32Array, dtype) : values;
}

export abstract class RandomMethods extends StatisticsMethods {
  /** Writes draws in the order of memory, as PyTorch does for a transposed tensor. */
  private fillDrawn(fill: Fill, options: GeneratorOption, draw?: Draw): this {
    const self = this.self();
    const { device, dtype, strides } = self;
    const direct = this.isContiguous() && !(runtime.context.gradEnabled && this.requiresGrad);
    if (draw !== undefined && device.draw !== undefined) {
      drawn(dtype, 0, fill, options); // checks the arguments
      if (direct && dtype === "float32") drawnInto(self, draw, options.generator);
      else this.copy_(drawnThere(device, self.shape, draw, options.generator) as Tensor);
      return this;
    }
    const order = [...strides.keys()].sort(
      (a, b) => (strides[b] as number) - (strides[a] as number),
    );
    const shape: Shape = order.map((dim) => self.shape[dim] as number);
    const values = drawn(dtype, self.numel(), fill, options);
    if (direct) {
      device.write(this.buffer, this.offset, values);
      this.storage.version++;
      return this;
    }
    const inverse = order.map((_, dim) => order.indexOf(dim));
    return this.copy_(uploaded(device, dtype, shape, values).permute(inverse));
  }

  private fillReal(method: string, fill: FillReal, options: GeneratorOption, draw?: Draw): this {
    const dtype = this.dtype as FloatDType;
    if (!isFloat(dtype))
      throw new DTypeError(
        `${method}: Cannot draw real numbers into ${dtype}: expected a float dtype`,
        { hint: "random_() and bernoulli_() draw integers" },
      );
    return this.fillDrawn(
      (values, generator) => fill(values as RealArray, generator, dtype),
      options,
      draw,
    );
  }

  /**
   * Fills the tensor with uniform numbers in [from, to).
   *
   * @param from - the least value; 0 unless said
   * @param to - the bound above; 1 unless said
   * @throws {DTypeError} where the dtype is not floating-point
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.uniform_.html
   * @category Random
   */
  uniform_(from = 0, to = 1, options: GeneratorOption = {}): this {
    return this.fillReal(
      "uniform_",
      (values, generator, dtype) => fillUniform(values, generator, from, to, dtype),
      options,
      { kind: "uniform", from, to },
    );
  }
  /**
   * Fills the tensor with normal numbers.
   *
   * @param mean - 0 unless said
   * @param std - the standard deviation; 1 unless said
   * @throws {DTypeError} where the dtype is not floating-point
   * @throws {RangeError} where `std` is negative
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.normal_.html
   * @category Random
   * @example
   * import assert from "node:assert/strict";
   * import { manualSeed, setDefaultDevice, zeros } from "@tead/tensor";
   * import { cpu } from "@tead/backend-cpu";
   * setDefaultDevice(cpu());
   * manualSeed(0);
   * assert.equal(zeros([2]).normal_().toString(), "tensor([ 1.5410, -0.2934])");
   */
  normal_(mean = 0, std = 1, options: GeneratorOption = {}): this {
    const draw = this.isContiguous() ? fillNormal : fillNormalOneByOne;
    return this.fillReal(
      "normal_",
      (values, generator, dtype) => draw(values, generator, mean, std, dtype),
      options,
      { kind: "normal", mean, std },
    );
  }
  /** Fills the tensor with e^x, x normal with `mean` and `std`. @category Random */
  logNormal_(mean = 1, std = 2, options: GeneratorOption = {}): this {
    return this.fillReal(
      "logNormal_",
      (values, generator, dtype) => fillLogNormal(values, generator, mean, std, dtype),
      options,
    );
  }
  /** Fills the tensor with numbers of density rate * e^(-rate x). @category Random */
  exponential_(rate = 1, options: GeneratorOption = {}): this {
    return this.fillReal(
      "exponential_",
      (values, generator, dtype) => fillExponential(values, generator, rate, dtype),
      options,
    );
  }
  /** Fills the tensor with Cauchy numbers about `median`. @category Random */
  cauchy_(median = 0, sigma = 1, options: GeneratorOption = {}): this {
    return this.fillReal(
      "cauchy_",
      (values, generator, dtype) => fillCauchy(values, generator, median, sigma, dtype),
      options,
    );
  }
  /** Fills the tensor with the number of trials up to the first success, each of chance `p`. @category Random */
  geometric_(p: number, options: GeneratorOption = {}): this {
    return this.fillDrawn((values, generator) => fillGeometric(values, generator, p), options);
  }
  /**
   * Fills the tensor with integers: those in [from, to), in [0, to), or all that the dtype counts
   * without gaps.
   *
   * @throws {RangeError} where the range is empty or beyond the dtype
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.random_.html
   * @category Random
   */
  random_(options?: GeneratorOption): this;
  random_(to: number | bigint, options?: GeneratorOption): this;
  random_(from: number | bigint, to: number | bigint, options?: GeneratorOption): this;
  random_(
    first?: number | bigint | GeneratorOption,
    second?: number | bigint | GeneratorOption,
    third: GeneratorOption = {},
  ): this {
    const { dtype } = this;
    if (first === undefined || typeof first === "object")
      return this.fillDrawn(
        (values, generator) => fillRandom(values, generator, dtype),
        first ?? {},
      );
    const bare = second === undefined || typeof second === "object";
    const [from, to, options] = bare ? [0, first, second ?? {}] : [first, second, third];
    return this.fillDrawn(
      (values, generator) => fillRandint(values, generator, from, to, dtype),
      options,
    );
  }
  /**
   * Fills the tensor with ones, each with probability `p`, and zeros: dropout's masks.
   *
   * @param p - one probability for all, or a tensor of them of this shape; 0.5 unless said
   * @throws {RangeError} where a probability is not in [0, 1]
   * @see https://pytorch.org/docs/stable/generated/torch.Tensor.bernoulli_.html
   * @category Random
   */
  bernoulli_(p: number | Tensor = 0.5, options: GeneratorOption = {}): this {
    if (typeof p === "number")
      return this.fillDrawn((values, generator) => fillBernoulli(values, generator, p), options, {
        kind: "bernoulli",
        p,
      });
    return this.copy_(p.expand(this.shape).bernoulli(options));
  }
  /**
   * Ones, each with the probability that this tensor gives, and zeros. No gradient flows.
   *
   * @throws {DTypeError} where the dtype is not floating-point
   * @throws {RangeError} where a probability is not in [0, 1] and the device can be read at once
   * @see https://pytorch.org/docs/stable/generated/torch.bernoulli.html
   * @category Random
   */
  bernoulli(options: GeneratorOption = {}): Tensor {
    const p = this.detach();
    const { device, shape, dtype } = p;
    if (!isFloat(dtype))
      throw new DTypeError(
        `bernoulli: Probabilities are not floating-point: expected a float dtype, received ${dtype}`,
      );
    if (device.capabilities.syncRead && p.ge(0).logicalAnd(p.le(1)).all().itemSync() === false)
      throw new RangeError("bernoulli: Cannot draw: expected probabilities in [0, 1]");
    // A uniform number below p; PyTorch draws it in float32 unless p is float64.
    const wide = dtype === "float64" ? "float64" : "float32";
    const fill: Fill = (values, generator) =>
      fillUniform(values as RealArray, generator, 0, 1, wide);
    const uniform =
      drawnThere(device, shape, { kind: "uniform", from: 0, to: 1 }, options.generator) ??
      uploaded(device, wide, shape, drawn(wide, p.numel(), fill, options));
    return uniform.lt(p.to(wide)).to(dtype);
  }
  /**
   * Category indices, int32, drawn by weight: each row of weights gives `samples` of them.
   *
   * **Shapes**: `[categories] -> [samples]`, `[rows, categories] -> [rows, samples]`
   *
   * @throws {RangeError} where weights are negative, infinite or all 0, or more samples than
   * categories are asked for without replacement
   * @see https://pytorch.org/docs/stable/generated/torch.multinomial.html
   * @category Random
   */
  async multinomial(samples: number, options: MultinomialOption = {}): Promise<Tensor> {
    this.checkWeights();
    return this.drawMultinomial(await this.bits(), samples, options);
  }
  /** `multinomial()` at once, where the device can be read at once. @category Random */
  multinomialSync(samples: number, options: MultinomialOption = {}): Tensor {
    this.checkWeights();
    return this.drawMultinomial(this.bitsSync(), samples, options);
  }
  private checkWeights(): void {
    if (this.ndim < 1 || this.ndim > 2 || this.size(-1) === 0)
      throw new ShapeError(
        `multinomial: Weights do not fit: expected [categories] or [rows, categories], ` +
          `received [${this.shape.join(", ")}]`,
      );
    if (!isFloat(this.dtype))
      throw new DTypeError(
        `multinomial: Weights are not floating-point: expected a float dtype, received ${this.dtype}`,
      );
  }
  private drawMultinomial(bits: TypedArray, samples: number, options: MultinomialOption): Tensor {
    const { replacement = false, generator = runtime.generator } = options;
    const weights = isHalf(this.dtype) ? decodeHalf(bits as Uint16Array, this.dtype) : bits;
    const shape = this.shape.with(-1, samples);
    const out = new Int32Array(
      Math.max(
        0,
        shape.reduce((product, size) => product * size, 1),
      ),
    );
    const categories = this.size(-1);
    fillMultinomial(out, generator, weights as RealArray, { categories, samples, replacement });
    return uploaded(this.device, "int32", shape, out);
  }
}

/**
 * Draws normal numbers about each mean with each std: PyTorch's `torch.normal` for tensors. As there,
 * no gradient reaches mean or std.
 * @internal
 */
export function normalAbout(
  mean: Tensor | number,
  std: Tensor | number,
  options: GeneratorOption,
): Tensor {
  const like = (typeof mean === "object" ? mean : std) as Tensor;
  if (typeof mean === "object" && typeof std === "object" && !sameShape(mean.shape, std.shape)) {
    const shape = mean.add(std).shape;
    return normalAbout(mean.expand(shape), std.expand(shape), options);
  }
  const standard = like.newEmpty(like.shape);
  return noGrad(() => {
    if (typeof std === "number") return standard.normal_(0, std, options).add_(mean);
    return standard.normal_(0, 1, options).mul_(std).add_(mean);
  });
}
