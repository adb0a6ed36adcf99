// Loss scaling: keeps float16 gradients from vanishing.
import { DTypeError, noGrad, StateError, stack, Tensor } from "@tead/tensor";
import { checkOption } from "./options.ts";

/** Options of {@link GradScaler}. */
export interface GradScalerOptions {
  /** The first scale. Default 65536. */
  readonly initScale?: number;
  /** What the scale is multiplied by after `growthInterval` good steps, above 1. Default 2. */
  readonly growthFactor?: number;
  /** What the scale is multiplied by after a bad step, below 1. Default 0.5. */
  readonly backoffFactor?: number;
  /** How many good steps in a row let the scale grow. Default 2000. */
  readonly growthInterval?: number;
  /** Whether it does anything. Default true. */
  readonly enabled?: boolean;
}

/** A scaler's state under PyTorch's names; empty where it is not enabled. */
export interface GradScalerStateDict {
  readonly scale?: number;
  readonly growth_factor?: number;
  readonly backoff_factor?: number;
  readonly growth_interval?: number;
  readonly _growth_tracker?: number;
}

/** What the scaler needs of an optimizer. */
export interface ScaledOptimizer {
  readonly paramGroups: readonly { readonly params: readonly Tensor[] }[];
  /** Updates the parameters. */
  step(): unknown;
}

/** What is known of an optimizer since the last `update()`. */
interface Progress {
  stage: "unscaled" | "stepped";
  /** The largest part of each gradient: not finite where the gradient overflowed. */
  readonly largest: readonly Tensor[];
}

/**
 * Scales a loss, so that small gradients stay above what float16 can hold, and unscales the
 * gradients of the float32 parameters before the step. A step whose gradients overflowed is left
 * out and the scale made smaller; after many good steps it grows.
 *
 * Whether gradients overflowed must be read, so `step()` and `update()` are asynchronous.
 *
 * @param options - All optional.
 * @throws RangeError if an option is out of range.
 * @see https://pytorch.org/docs/stable/amp.html#gradient-scaling
 * @example
 * import "@tead/autograd";
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { GradScaler, SGD } from "@tead/optim";
 * import { ones, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const x = ones([1], { requiresGrad: true });
 * const optimizer = new SGD([x], { lr: 1 });
 * const scaler = new GradScaler({ initScale: 1024 });
 * const loss = x.to("float16").mul(2 ** -13).mul(2 ** -13).sum(); // 2 ** -26: 0 in float16
 * scaler.scale(loss).backward();
 * await scaler.step(optimizer);
 * await scaler.update();
 * assert.equal(await x.grad?.item(), 2 ** -26);
 */
export class GradScaler {
  #scale: number;
  #growthFactor: number;
  #backoffFactor: number;
  #growthInterval: number;
  /** Good steps in a row. */
  #growthTracker = 0;
  readonly #enabled: boolean;
  #progress = new Map<ScaledOptimizer, Progress>();

  constructor(options: GradScalerOptions = {}) {
    const { initScale = 2 ** 16, growthFactor = 2, backoffFactor = 0.5 } = options;
    const { growthInterval = 2000, enabled = true } = options;
    const check = (name: string, valid: boolean, expected: string, received: number): void =>
      checkOption("GradScaler", name, valid, expected, received);
    check("initScale", initScale > 0, "a number above 0", initScale);
    check("growthFactor", growthFactor > 1, "a number above 1", growthFactor);
    check("backoffFactor", backoffFactor < 1, "a number below 1", backoffFactor);
    check("growthInterval", growthInterval >= 1, "a number of at least 1", growthInterval);
    this.#scale = initScale;
    this.#growthFactor = growthFactor;
    this.#backoffFactor = backoffFactor;
    this.#growthInterval = growthInterval;
    this.#enabled = enabled;
  }

  /** The loss, or losses, times the scale; half precision becomes float32. */
  scale<T extends Tensor | readonly Tensor[]>(outputs: T): T {
    if (!this.#enabled) return outputs;
    const scaled = (output: Tensor): Tensor =>
      (output.dtype === "float64" ? output : output.to("float32")).mul(this.#scale);
    const one = (value: Tensor | readonly Tensor[]): unknown =>
      value instanceof Tensor ? scaled(value) : value.map(scaled);
    return one(outputs) as T;
  }

  /**
   * Divides an optimizer's gradients by the scale, for what looks at them before the step, such as
   * clipping.
   * @throws StateError if they are unscaled already.
   * @throws DTypeError if a gradient is float16.
   */
  unscale_(optimizer: ScaledOptimizer): void {
    if (!this.#enabled) return;
    const stage = this.#progress.get(optimizer)?.stage;
    if (stage !== undefined)
      throw new StateError(
        `GradScaler: Cannot unscale gradients twice: expected none ${stage} since the last update()`,
      );
    const inverse = Math.fround(1 / this.#scale);
    const largest: Tensor[] = [];
    noGrad(() => {
      for (const { params } of optimizer.paramGroups)
        for (const { grad } of params) {
          if (grad === undefined || grad.numel() === 0) continue;
          if (grad.dtype === "float16")
            throw new DTypeError(
              "GradScaler: Cannot unscale float16 gradients: expected float32 parameters",
              { hint: "keep float32 parameters and convert them with to() in forward" },
            );
          largest.push(grad.abs().max().to("float32"));
          grad.detach().mul_(inverse);
        }
    });
    this.#progress.set(optimizer, { stage: "unscaled", largest });
  }

  /**
   * Makes the optimizer's step, unless a gradient is infinite or NaN. Says whether it was made.
   * @throws StateError if the step was made since the last `update()`, or there are no gradients.
   */
  async step(optimizer: ScaledOptimizer): Promise<boolean> {
    if (!this.#enabled) {
      optimizer.step();
      return true;
    }
    if (this.#progress.get(optimizer)?.stage === "stepped")
      throw new StateError("GradScaler: Cannot step twice: expected update() after each step()");
    if (!this.#progress.has(optimizer)) this.unscale_(optimizer);
    const progress = this.#progress.get(optimizer) as Progress;
    if (progress.largest.length === 0)
      throw new StateError("GradScaler: Cannot step: expected parameters with gradients", {
        hint: "call scaler.scale(loss).backward() first",
      });
    progress.stage = "stepped";
    if (await overflowed(progress)) return false;
    optimizer.step();
    return true;
  }

  /**
   * Sets the next scale, by whether gradients overflowed since the last time, or to the given one.
   * @throws StateError if no gradients were looked at.
   */
  async update(newScale?: number): Promise<void> {
    if (!this.#enabled) return;
    const seen = [...this.#progress.values()];
    if (newScale === undefined) {
      if (seen.length === 0)
        throw new StateError(
          "GradScaler: Cannot update the scale: expected step() before update()",
        );
      const found = await Promise.all(seen.map(overflowed));
      this.#adapt(found.includes(true));
    } else this.#scale = newScale;
    this.#progress = new Map();
  }

  #adapt(bad: boolean): void {
    this.#growthTracker = bad ? 0 : this.#growthTracker + 1;
    if (bad) this.#scale *= this.#backoffFactor;
    else if (this.#growthTracker === this.#growthInterval) {
      // PyTorch keeps the scale in float32, and keeps it finite.
      const grown = Math.fround(this.#scale * this.#growthFactor);
      if (Number.isFinite(grown)) this.#scale = grown;
      this.#growthTracker = 0;
    }
  }

  /** The present scale; 1 where the scaler is not enabled. */
  getScale(): number {
    return this.#enabled ? this.#scale : 1;
  }
  /** Whether it scales at all. */
  isEnabled(): boolean {
    return this.#enabled;
  }

  /** The state under PyTorch's names. Take it after `update()`. */
  stateDict(): GradScalerStateDict {
    if (!this.#enabled) return {};
    return {
      scale: this.#scale,
      growth_factor: this.#growthFactor,
      backoff_factor: this.#backoffFactor,
      growth_interval: this.#growthInterval,
      _growth_tracker: this.#growthTracker,
    };
  }
  /**
   * Takes the state of a state dict, this library's or PyTorch's.
   * @throws StateError if it comes from a scaler that was not enabled.
   */
  loadStateDict(state: GradScalerStateDict): void {
    if (!this.#enabled) return;
    if (state.scale === undefined)
      throw new StateError(
        "GradScaler: Cannot load the state dict: expected that of an enabled scaler, received an empty one",
      );
    this.#scale = state.scale;
    this.#growthFactor = state.growth_factor ?? this.#growthFactor;
    this.#backoffFactor = state.backoff_factor ?? this.#backoffFactor;
    this.#growthInterval = state.growth_interval ?? this.#growthInterval;
    this.#growthTracker = state._growth_tracker ?? 0;
  }
}

async function overflowed({ largest }: Progress): Promise<boolean> {
  if (largest.length === 0) return false;
  return !(await stack([...largest])
    .isfinite()
    .all()
    .item());
}
