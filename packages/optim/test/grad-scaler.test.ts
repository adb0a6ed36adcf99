// Loss scaling: what is scaled, when a step is left out, how the scale moves, what is refused.
import "@tead/autograd";
import { cpu } from "@tead/backend-cpu";
import { GradScaler, SGD } from "@tead/optim";
import { ones, setDefaultDevice, type Tensor, tensor } from "@tead/tensor";
import { describe, expect, test } from "vitest";

setDefaultDevice(cpu());

function problem(): { x: Tensor; optimizer: SGD } {
  const x = ones([2], { requiresGrad: true });
  return { x, optimizer: new SGD([x], { lr: 1 }) };
}
/** One step with gradients `factor`, in half precision where scaled they would overflow. */
async function step(scaler: GradScaler, optimizer: SGD, x: Tensor, factor: number) {
  optimizer.zeroGrad();
  scaler.scale(x.mul(factor).sum()).backward();
  const made = await scaler.step(optimizer);
  await scaler.update();
  return made;
}

describe("GradScaler", () => {
  test("keeps a gradient that float16 cannot hold", async () => {
    const tiny = 2 ** -28;
    const half = (x: Tensor): Tensor =>
      x
        .to("float16")
        .mul(2 ** -14)
        .mul(2 ** -14)
        .sum();
    const [plain, scaled] = [problem(), problem()];
    half(plain.x).backward();
    expect(plain.x.grad?.tolistSync()).toEqual([0, 0]);
    const scaler = new GradScaler({ initScale: 2 ** 14 });
    scaler.scale(half(scaled.x)).backward();
    scaler.unscale_(scaled.optimizer);
    expect(scaled.x.grad?.tolistSync()).toEqual([tiny, tiny]);
    expect(await scaler.step(scaled.optimizer)).toBe(true);
  });

  test("scales half precision to float32, and lists one by one", () => {
    const scaler = new GradScaler({ initScale: 1024 });
    const losses = [ones([], { dtype: "float16" }), ones([], { dtype: "float64" })];
    const scaled = scaler.scale(losses.map((loss) => loss.mul(100)));
    expect(scaled.map((loss) => [loss.dtype, loss.itemSync()])).toEqual([
      ["float32", 102400],
      ["float64", 102400],
    ]);
  });

  test("leaves a step out where gradients overflowed, and halves the scale", async () => {
    const { x, optimizer } = problem();
    const scaler = new GradScaler({ initScale: 8 });
    for (const bad of [Number.POSITIVE_INFINITY, Number.NaN]) {
      expect(await step(scaler, optimizer, x, bad)).toBe(false);
      expect(x.tolistSync()).toEqual([1, 1]);
    }
    expect(scaler.getScale()).toBe(2);
    expect(await step(scaler, optimizer, x, 0.5)).toBe(true);
    expect([x.tolistSync(), scaler.getScale()]).toEqual([[0.5, 0.5], 2]);
  });

  test("lets the scale grow after growthInterval good steps in a row, up to what float32 holds", async () => {
    const { x, optimizer } = problem();
    const scaler = new GradScaler({ initScale: 4, growthInterval: 2, growthFactor: 4 });
    const scales: number[] = [];
    for (const factor of [0.5, Number.NaN, 0.5, 0.5, 0.5]) {
      await step(scaler, optimizer, x, factor);
      scales.push(scaler.getScale());
    }
    expect(scales).toEqual([4, 2, 2, 8, 8]);
    const largest = new GradScaler({ initScale: 2 ** 127, growthInterval: 1 });
    await step(largest, optimizer, x, 0);
    expect(largest.getScale()).toBe(2 ** 127);
  });

  test("clips between unscale_() and step(), and looks at several optimizers", async () => {
    const [a, b] = [problem(), problem()];
    const scaler = new GradScaler();
    scaler.scale(a.x.sum().add(b.x.mul(Number.POSITIVE_INFINITY).sum())).backward();
    scaler.unscale_(a.optimizer);
    a.x.grad?.clamp_(-0.25, 0.25);
    expect([await scaler.step(a.optimizer), await scaler.step(b.optimizer)]).toEqual([true, false]);
    await scaler.update();
    expect([a.x.tolistSync(), b.x.tolistSync(), scaler.getScale()]).toEqual([
      [0.75, 0.75],
      [1, 1],
      2 ** 15,
    ]);
    scaler.scale(a.x.sum()).backward();
    scaler.unscale_(a.optimizer);
    await scaler.update(128);
    expect(scaler.getScale()).toBe(128);
  });

  test("does nothing where it is not enabled", async () => {
    const { x, optimizer } = problem();
    const scaler = new GradScaler({ enabled: false });
    expect(await step(scaler, optimizer, x, 0.5)).toBe(true);
    scaler.unscale_(optimizer);
    scaler.loadStateDict({ scale: 3 });
    expect([x.tolistSync(), scaler.getScale(), scaler.stateDict(), scaler.isEnabled()]).toEqual([
      ...[[0.5, 0.5], 1, {}, false],
    ]);
  });

  test("its state dict has PyTorch's keys and comes back", async () => {
    const { x, optimizer } = problem();
    const scaler = new GradScaler({ initScale: 8, growthInterval: 5 });
    await step(scaler, optimizer, x, 0.5);
    const saved = scaler.stateDict();
    expect(saved).toEqual({
      ...{ scale: 8, growth_factor: 2, backoff_factor: 0.5, growth_interval: 5 },
      _growth_tracker: 1,
    });
    const fresh = new GradScaler();
    fresh.loadStateDict(saved);
    expect(fresh.stateDict()).toEqual(saved);
    expect(() => fresh.loadStateDict({})).toThrow(
      "GradScaler: Cannot load the state dict: expected that of an enabled scaler, received an empty one",
    );
  });

  test("refuses what is out of order, float16 gradients, and options out of range", async () => {
    const { x, optimizer } = problem();
    const scaler = new GradScaler();
    await expect(scaler.update()).rejects.toThrow(
      "GradScaler: Cannot update the scale: expected step() before update()",
    );
    await expect(scaler.step(optimizer)).rejects.toThrow(
      "GradScaler: Cannot step: expected parameters with gradients\nHint: call scaler.scale(loss)",
    );
    await scaler.update(1);
    x.sum().backward();
    scaler.unscale_(optimizer);
    expect(() => scaler.unscale_(optimizer)).toThrow(
      "GradScaler: Cannot unscale gradients twice: expected none unscaled since the last update()",
    );
    await scaler.step(optimizer);
    await expect(scaler.step(optimizer)).rejects.toThrow(
      "GradScaler: Cannot step twice: expected update() after each step()",
    );
    const half = tensor([1], { dtype: "float16", requiresGrad: true });
    half.sum().backward();
    expect(() => new GradScaler().unscale_(new SGD([half], { lr: 1 }))).toThrow(
      "GradScaler: Cannot unscale float16 gradients: expected float32 parameters",
    );
    expect(() => new GradScaler({ growthFactor: 1 })).toThrow(
      "GradScaler: Option growthFactor is not valid: expected a number above 1, received 1",
    );
    expect(() => new GradScaler({ backoffFactor: 1 })).toThrow("GradScaler: Option backoffFactor");
    expect(() => new GradScaler({ initScale: 0 })).toThrow("GradScaler: Option initScale");
    expect(() => new GradScaler({ growthInterval: 0 })).toThrow(
      "GradScaler: Option growthInterval",
    );
  });
});
