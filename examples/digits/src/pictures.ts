// The example's pictures: a confusion matrix as a heat map, a sheet of misclassified images.
import { Image } from "@tead/transforms/image";
import type { Evaluation, Mistake } from "./evaluate.ts";

/** Digits of 3 x 5 pixels, a row of bits each, topmost first. */
const font: readonly (readonly number[])[] = [
  [7, 5, 5, 5, 7],
  [2, 6, 2, 2, 7],
  [7, 1, 7, 4, 7],
  [7, 1, 7, 1, 7],
  [5, 5, 7, 1, 1],
  [7, 4, 7, 1, 7],
  [7, 4, 7, 5, 7],
  [7, 1, 2, 2, 2],
  [7, 5, 7, 5, 7],
  [7, 5, 7, 1, 7],
];

type Color = readonly [number, number, number];

/** A canvas for rectangles and numbers. */
class Canvas {
  readonly image: Image;
  constructor(width: number, height: number, ground: Color) {
    this.image = new Image(new Uint8Array(width * height * 3), height, width, 3);
    this.fill(0, 0, width, height, ground);
  }

  fill(left: number, top: number, width: number, height: number, color: Color): void {
    const { data, width: stride } = this.image;
    for (let y = top; y < top + height; y++)
      for (let x = left; x < left + width; x++) data.set(color, (y * stride + x) * 3);
  }

  /** Writes a whole number centred on x, its top at y. */
  write(value: number, x: number, y: number, scale: number, color: Color): void {
    const digits = [...String(value)];
    let left = Math.round(x - (digits.length * 4 - 1) * scale * 0.5);
    for (const digit of digits) {
      font[Number(digit)]?.forEach((bits, row) => {
        for (let column = 0; column < 3; column++)
          if (bits & (4 >> column))
            this.fill(left + column * scale, y + row * scale, scale, scale, color);
      });
      left += 4 * scale;
    }
  }
}

const paper: Color = [255, 255, 255];
const ink: Color = [30, 30, 46];
const right: Color = [38, 102, 168];
const wrong: Color = [190, 40, 40];

const mixed = (color: Color, share: number): Color =>
  color.map((c) => Math.round(255 + (c - 255) * share)) as unknown as Color;

/** Rows are true classes, columns predicted ones; hits are blue, mistakes red on their own scale. */
export function confusionPicture(confusion: Evaluation["confusion"]): Image {
  const cell = 40;
  const margin = 28;
  const size = margin + confusion.length * cell + 8;
  const canvas = new Canvas(size, size, paper);
  const off = confusion.flatMap((row, i) => row.filter((_, j) => i !== j));
  const mostWrong = Math.max(1, ...off);
  confusion.forEach((row, i) => {
    const total = Math.max(
      1,
      row.reduce((a, b) => a + b, 0),
    );
    canvas.write(i, margin / 2, margin + i * cell + 15, 2, ink);
    canvas.write(i, margin + i * cell + cell / 2, 10, 2, ink);
    row.forEach((count, j) => {
      const hit = i === j;
      const share = hit ? count / total : (0.75 * count) / mostWrong;
      const [left, top] = [margin + j * cell, margin + i * cell];
      canvas.fill(left, top, cell - 1, cell - 1, mixed(hit ? right : wrong, 0.06 + 0.94 * share));
      if (count > 0) canvas.write(count, left + cell / 2, top + 15, 2, share > 0.5 ? paper : ink);
    });
  });
  return canvas.image;
}

/** Up to 60 misclassified images, each with its true class (blue) and the one it was taken for (red). */
export function mistakeSheet(mistakes: readonly Mistake[]): Image {
  const [columns, scale] = [10, 2];
  const shown = mistakes.slice(0, 60);
  const { height = 28, width = 28 } = shown[0] ?? {};
  const [cellWidth, cellHeight] = [width * scale + 8, height * scale + 22];
  const rows = Math.max(1, Math.ceil(shown.length / columns));
  const canvas = new Canvas(columns * cellWidth + 8, rows * cellHeight + 8, paper);
  shown.forEach(({ pixels, target, predicted }, index) => {
    const left = 8 + (index % columns) * cellWidth;
    const top = 8 + Math.floor(index / columns) * cellHeight;
    const low = pixels.reduce((a, b) => Math.min(a, b));
    const range = Math.max(1e-6, pixels.reduce((a, b) => Math.max(a, b)) - low);
    pixels.forEach((value, i) => {
      const gray = Math.round((255 * (value - low)) / range);
      const [x, y] = [left + (i % width) * scale, top + Math.floor(i / width) * scale];
      canvas.fill(x, y, scale, scale, [gray, gray, gray]);
    });
    const caption = top + height * scale + 4;
    canvas.write(target, left + width * scale * 0.3, caption, 2, right);
    canvas.write(predicted, left + width * scale * 0.7, caption, 2, wrong);
  });
  return canvas.image;
}
