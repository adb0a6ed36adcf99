// The canvas to draw a digit on. It tells what the network would see after every stroke's move.
import { contextOf } from "./elements.ts";
import { fitInk } from "./ink.ts";

const ground = "#000";
const ink = "#fff";
/** The pen's width as a share of the canvas's side. */
const penShare = 0.08;

export class DrawingPad {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #changed: (pixels: Float32Array | undefined) => void;
  #last: readonly [number, number] | undefined;
  /** Whether a test digit is shown, which the next stroke replaces. */
  #showsImage = false;

  /** `changed` hears what is drawn, from 0 to 1; undefined when the pad is empty. */
  constructor(canvas: HTMLCanvasElement, changed: (pixels: Float32Array | undefined) => void) {
    this.#canvas = canvas;
    this.#context = contextOf(canvas, { willReadFrequently: true });
    this.#changed = changed;
    canvas.addEventListener("pointerdown", (event) => this.#begin(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel"] as const)
      canvas.addEventListener(end, () => {
        this.#last = undefined;
      });
    this.#wipe();
  }

  clear(): void {
    this.#wipe();
    this.#changed(undefined);
  }

  /** Shows a gray image of 28 x 28, and has it classified as it is. */
  show(pixels: Uint8Array): void {
    this.#wipe();
    this.#showsImage = true;
    const cell = this.#canvas.width / 28;
    pixels.forEach((value, i) => {
      this.#context.fillStyle = `rgb(${value} ${value} ${value})`;
      this.#context.fillRect((i % 28) * cell, Math.floor(i / 28) * cell, cell, cell);
    });
    this.#changed(Float32Array.from(pixels, (value) => value / 255));
  }

  #wipe(): void {
    this.#showsImage = false;
    this.#context.fillStyle = ground;
    this.#context.fillRect(0, 0, this.#canvas.width, this.#canvas.height);
  }

  /** Where a pointer is, in pixels of the canvas. */
  #place({ clientX, clientY }: PointerEvent): readonly [number, number] {
    const { left, top, width, height } = this.#canvas.getBoundingClientRect();
    const { width: columns, height: rows } = this.#canvas;
    return [((clientX - left) / width) * columns, ((clientY - top) / height) * rows];
  }

  #begin(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.#canvas.setPointerCapture(event.pointerId);
    if (this.#showsImage) this.#wipe();
    this.#last = this.#place(event);
    this.#lineTo(this.#last);
    this.#tell();
  }

  #move(event: PointerEvent): void {
    if (this.#last === undefined) return;
    // A browser hands out fewer events than the pen made moves; the rest come with them.
    const moves = event.getCoalescedEvents?.() ?? [];
    for (const move of moves.length > 0 ? moves : [event]) this.#lineTo(this.#place(move));
    this.#tell();
  }

  #lineTo(to: readonly [number, number]): void {
    const context = this.#context;
    context.strokeStyle = ink;
    context.lineWidth = this.#canvas.width * penShare;
    context.lineCap = "round";
    context.beginPath();
    context.moveTo(...(this.#last ?? to));
    context.lineTo(...to);
    context.stroke();
    this.#last = to;
  }

  #tell(): void {
    const { width: side } = this.#canvas;
    const { data } = this.#context.getImageData(0, 0, side, side);
    const gray = Uint8Array.from({ length: side * side }, (_, i) => data[4 * i] as number);
    this.#changed(fitInk({ gray, side }));
  }
}
