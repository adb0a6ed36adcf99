import "../cpu.ts";
import { DTypeError, ShapeError, tensor } from "@tead/tensor";
import { Normalize, ToTensor } from "@tead/transforms";
import { describe, expect, it } from "vitest";
import { noiseImage } from "../fixture-images.ts";
import { describeTensor, fixture } from "../pipeline-fixture.ts";

describe("ToTensor", () => {
  it("gives torchvision's values to the last bit", () => {
    expect(fixture.toTensor).toHaveLength(3);
    for (const { seed, input, toTensor } of fixture.toTensor) {
      const values = new ToTensor().forward(noiseImage(seed, ...input));
      expect(values.dtype).toBe("float32");
      expect(describeTensor(values)).toEqual(toTensor);
    }
  });

  it("refuses what is no image", () => {
    expect(() => new ToTensor().forward(tensor([1]) as never)).toThrow(
      "ToTensor: Cannot convert this input: expected an Image",
    );
  });
});

describe("Normalize", () => {
  it("gives torchvision's values to the last bit, with one number or one a channel", () => {
    for (const { seed, input, mean, std, normalized, one } of fixture.toTensor) {
      const values = new ToTensor().forward(noiseImage(seed, ...input));
      expect(describeTensor(new Normalize(mean, std).forward(values))).toEqual(normalized);
      expect(describeTensor(new Normalize(0.3, [0.7]).forward(values))).toEqual(one);
    }
  });

  it("leaves its input as it is, unless it is to work in place", async () => {
    const x = tensor([[[0, 1]]], { dtype: "float64" });
    const y = new Normalize(0.5, 0.5).forward(x);
    expect([y.dtype, await x.tolist(), await y.tolist()]).toEqual([
      "float64",
      [[[0, 1]]],
      [[[-1, 1]]],
    ]);
    const z = new Normalize(0.5, 0.5, { inplace: true }).forward(x);
    expect([z, await x.tolist()]).toEqual([x, [[[-1, 1]]]]);
  });

  it("takes batches of images", async () => {
    const x = tensor([[[[1]], [[2]]]], { dtype: "float32" });
    expect(await new Normalize([1, 1], [1, 2]).forward(x).tolist()).toEqual([[[[0]], [[0.5]]]]);
  });

  it("refuses integers, other numbers of channels and tensors that are no picture", () => {
    const normalize = new Normalize([0, 0, 0], [1, 1, 1]);
    expect(() => normalize.forward(tensor([[[1]]]))).toThrow(DTypeError);
    expect(() => normalize.forward(tensor([[[1]]]))).toThrow(
      "Normalize: Cannot normalize a tensor of int32: expected floating-point numbers\nHint: put ToTensor before Normalize",
    );
    const gray = tensor([[[0.5]]]);
    expect(() => normalize.forward(gray)).toThrow(ShapeError);
    expect(() => normalize.forward(gray)).toThrow(
      "Normalize: Cannot normalize a tensor of shape [1, 1, 1]: expected [..., 3, H, W]",
    );
    expect(() => new Normalize(0, 1).forward(tensor([0.5]))).toThrow("expected [..., C, H, W]");
  });

  it("refuses numbers that normalize nothing, at once", () => {
    expect(() => new Normalize([0, 0], [1, 1, 1])).toThrow(
      "Normalize: Cannot use mean=[0, 0] and std=[1, 1, 1]: expected as many of each, or one",
    );
    expect(() => new Normalize([], [])).toThrow("expected as many of each, or one");
    expect(() => new Normalize(0, [1, 0])).toThrow(
      "Normalize: Cannot use mean=[0] and std=[1, 0]: expected numbers, and no std of 0",
    );
    expect(() => new Normalize(Number.NaN, 1)).toThrow("expected numbers, and no std of 0");
  });
});
