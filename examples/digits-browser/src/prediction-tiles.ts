// Test digits as tiles, each with what the network takes it for. A click puts one on the pad.
import { contextOf, make, percent } from "./elements.ts";
import type { LabeledImage, Prediction } from "./protocol.ts";

interface Tile {
  readonly button: HTMLButtonElement;
  readonly guess: HTMLElement;
  readonly label: number;
}

export class PredictionTiles {
  readonly #parent: HTMLElement;
  readonly #choose: (pixels: Uint8Array) => void;
  #tiles: readonly Tile[] = [];

  constructor(parent: HTMLElement, choose: (pixels: Uint8Array) => void) {
    this.#parent = parent;
    this.#choose = choose;
  }

  /** Shows new images, without predictions yet. */
  setImages(images: readonly LabeledImage[]): void {
    this.#tiles = images.map(({ pixels, label }) => {
      const button = make("button", "tile");
      button.type = "button";
      button.setAttribute("aria-label", `A ${label}. Put it on the pad`);
      button.addEventListener("click", () => this.#choose(pixels));
      const guess = make("span", "guess", "–");
      button.append(drawn(pixels), guess);
      return { button, guess, label };
    });
    this.#parent.replaceChildren(...this.#tiles.map(({ button }) => button));
  }

  /** Shows what they are taken for; gives how many are right. */
  setPredictions(predictions: readonly Prediction[]): number {
    let right = 0;
    this.#tiles.forEach(({ button, guess, label }, i) => {
      const { digit, probability } = predictions[i] as Prediction;
      const isRight = digit === label;
      if (isRight) right++;
      guess.textContent = isRight ? `${digit}` : `${digit} ✗`;
      button.dataset.result = isRight ? "right" : "wrong";
      const text = `A ${label}, taken for ${digit} with ${percent(probability, 0)}`;
      button.title = text;
      button.setAttribute("aria-label", `${text}. Put it on the pad`);
    });
    return right;
  }
}

function drawn(pixels: Uint8Array): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [28, 28];
  const image = new ImageData(28, 28);
  pixels.forEach((value, i) => {
    image.data.set([value, value, value, 255], 4 * i);
  });
  contextOf(canvas).putImageData(image, 0, 0);
  return canvas;
}
