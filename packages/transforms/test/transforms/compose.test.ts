import "../cpu.ts";
import { manualSeed, type Tensor } from "@tead/tensor";
import {
  applyTransform,
  CenterCrop,
  Compose,
  Lambda,
  Normalize,
  RandomCrop,
  RandomHorizontalFlip,
  Resize,
  ToTensor,
  type TransformLike,
} from "@tead/transforms";
import type { Image } from "@tead/transforms/image";
import { describe, expect, it } from "vitest";
import { noiseImage } from "../fixture-images.ts";
import { describeTensor, draw, fixture } from "../pipeline-fixture.ts";

describe("Compose", () => {
  it("gives a whole torchvision pipeline's output to the last bit", () => {
    const transform = new Compose([
      new Resize(20),
      new RandomCrop(16, { padding: 3 }),
      new RandomHorizontalFlip(),
      new ToTensor(),
      new Normalize([0.5, 0.4, 0.3], [0.2, 0.3, 0.4]),
    ]);
    const { seed, input, outputs, after } = fixture.pipeline;
    const image = noiseImage(seed, ...input);
    manualSeed(0);
    const results: Tensor[] = outputs.map(() => transform.forward(image));
    expect({ outputs: results.map(describeTensor), after: draw() }).toEqual({ outputs, after });
  });

  it("knows its types from end to end", () => {
    const toTensor: TransformLike<Image, Tensor> = new Compose([new CenterCrop(2), new ToTensor()]);
    const label: TransformLike<Image, string> = new Compose([
      (image: Image) => image.width,
      new Lambda((width: number) => `${width} wide`),
    ]);
    const nothing = new Compose([]);
    const image = noiseImage(0, 2, 3);
    const same: Image | Tensor = nothing.forward(image);
    expect([typeof toTensor, same]).toEqual(["object", image]);
    expect(applyTransform(label, image)).toBe("3 wide");
    // @ts-expect-error a tensor cannot be resized
    const wrong: TransformLike<Image, Image> = new Compose([new ToTensor(), new Resize(2)]);
    expect(wrong).toBeInstanceOf(Compose);
  });

  it("nests", () => {
    const crop = new Compose([new CenterCrop(4), new CenterCrop([2, 3])]);
    const all = new Compose([crop, new ToTensor()]);
    expect(all.forward(noiseImage(0, 9, 9)).shape).toEqual([1, 2, 3]);
  });

  it("refuses what is no transform", () => {
    expect(() => new Compose([new ToTensor(), {} as never])).toThrow(
      "Compose: Cannot use transforms[1]: expected a function or an object with forward()",
    );
    expect(() => new Compose([undefined as never])).toThrow("Cannot use transforms[0]");
  });
});

describe("Lambda", () => {
  it("calls its function", () => {
    expect(new Lambda((x: number) => x + 1).forward(1)).toBe(2);
  });

  it("refuses what is no function", () => {
    expect(() => new Lambda(3 as never)).toThrow(
      "Lambda: Cannot use a number: expected a function",
    );
  });
});
