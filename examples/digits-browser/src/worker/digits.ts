// The images: digits drawn by a program, as the network takes them.
import { SyntheticDigits } from "@tead/data";
import { type Tensor, tensor } from "@tead/tensor";
import { Compose, Normalize, ToTensor } from "@tead/transforms";
import type { LabeledImage } from "../protocol.ts";

/** The mean and deviation of MNIST's training pixels. */
const normalize = new Normalize([0.1307], [0.3081]);
const transform = new Compose([new ToTensor(), normalize]);

/** Images to train on, or to test with. They are drawn here and now: about a second for 12,000. */
export function makeDigits(train: boolean, size: number): SyntheticDigits<Tensor> {
  return new SyntheticDigits({ train, size, transform });
}

/** The first test images as pixels, for the page to show. */
export function sampleImages(count: number): LabeledImage[] {
  const digits = new SyntheticDigits({ train: false, size: count });
  return Array.from({ length: count }, (_, i) => {
    const [image, label] = digits.getItem(i);
    return { pixels: image.data, label };
  });
}

/** Images of values from 0 to 1 as a normalized batch: `[count, 1, 28, 28]`. */
export function batchOf(pixels: Float32Array): Tensor {
  const images = tensor(pixels, { shape: [pixels.length / (28 * 28), 1, 28, 28] });
  return normalize.forward(images);
}
