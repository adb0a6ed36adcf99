// The live chart of the training loss: every step pale, a running mean bold, epochs marked. Drawn
// on a canvas at the screen's resolution, in the colors of the style sheet.
import { color, contextOf } from "./elements.ts";

const margin = { left: 38, right: 14, top: 24, bottom: 24 };
/** How much of the running mean stays at each step. */
const inertia = 0.9;

interface EpochMark {
  readonly step: number;
  readonly text: string;
}

export class LossChart {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  #losses: number[] = [];
  #means: number[] = [];
  #marks: EpochMark[] = [];
  /** The end of the vertical axis: the highest mean fits, and so do the first losses. */
  #top = 1;
  #waiting = false;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    this.#context = contextOf(canvas);
    new ResizeObserver(() => this.#redraw()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#redraw());
  }

  get steps(): number {
    return this.#losses.length;
  }

  /** The running mean at the last step. */
  get mean(): number | undefined {
    return this.#means.at(-1);
  }

  add(losses: readonly number[]): void {
    for (const loss of losses) {
      this.#losses.push(loss);
      // The mean of the first steps is plain, so that it does not lean to the first loss.
      const share = Math.min(inertia, 1 - 1 / this.#losses.length);
      const mean = share * (this.mean ?? 0) + (1 - share) * loss;
      this.#means.push(mean);
      this.#top = Math.max(this.#top, 1.06 * mean);
    }
    this.#redraw();
  }

  /** Marks the last step as the end of an epoch. */
  mark(text: string): void {
    this.#marks.push({ step: this.steps, text });
    this.#redraw();
  }

  clear(): void {
    [this.#losses, this.#means, this.#marks] = [[], [], []];
    this.#top = 1;
    this.#redraw();
  }

  #redraw(): void {
    if (this.#waiting) return;
    this.#waiting = true;
    requestAnimationFrame(() => {
      this.#waiting = false;
      this.#draw();
    });
  }

  #draw(): void {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    this.#canvas.width = Math.round(width * devicePixelRatio);
    this.#canvas.height = Math.round(height * devicePixelRatio);
    const context = this.#context;
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    context.font = "12px system-ui, sans-serif";
    const right = width - margin.right;
    const bottom = height - margin.bottom;
    const top = this.#top;
    const last = Math.max(20, this.steps);
    const x = (step: number): number =>
      margin.left + ((step - 1) / (last - 1)) * (right - margin.left);
    const y = (loss: number): number => bottom - (loss / top) * (bottom - margin.top);

    this.#drawGrid(x, y, { top, last, right, bottom });
    this.#drawMarks(x, bottom);
    context.save();
    context.beginPath();
    context.rect(margin.left, 0, right - margin.left + 4, bottom + 1);
    context.clip();
    context.lineJoin = "round";
    this.#drawLine(this.#losses, x, y, { stroke: color("line-pale"), width: 1 });
    this.#drawLine(this.#means, x, y, { stroke: color("line"), width: 2.5 });
    context.restore();
    this.#drawEnd(x, y);
  }

  #drawGrid(
    x: (step: number) => number,
    y: (loss: number) => number,
    { top, last, right, bottom }: Record<"top" | "last" | "right" | "bottom", number>,
  ): void {
    const context = this.#context;
    context.lineWidth = 1;
    context.strokeStyle = color("grid");
    context.fillStyle = color("muted");
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (const loss of ticks(top, 5)) {
      const at = Math.round(y(loss)) + 0.5;
      context.beginPath();
      context.moveTo(margin.left, at);
      context.lineTo(right, at);
      context.stroke();
      context.fillText(String(loss), margin.left - 8, at);
    }
    context.textBaseline = "top";
    for (const step of ticks(last, Math.max(2, Math.floor((right - margin.left) / 90)))) {
      if (step === 0 || !Number.isInteger(step)) continue;
      context.textAlign = step === last ? "right" : "center";
      context.fillText(step.toLocaleString("en"), x(step), bottom + 8);
    }
  }

  #drawMarks(x: (step: number) => number, bottom: number): void {
    const context = this.#context;
    context.strokeStyle = color("mark");
    context.fillStyle = color("muted");
    context.textAlign = "right";
    context.textBaseline = "top";
    context.setLineDash([3, 3]);
    let free = 0;
    for (const { step, text } of this.#marks) {
      const at = Math.round(x(step)) + 0.5;
      context.beginPath();
      context.moveTo(at, margin.top);
      context.lineTo(at, bottom);
      context.stroke();
      const left = at - context.measureText(text).width;
      if (left < free) continue; // labels that would overlap are left out
      context.fillText(text, at, 4);
      free = at + 8;
    }
    context.setLineDash([]);
  }

  #drawLine(
    values: readonly number[],
    x: (step: number) => number,
    y: (loss: number) => number,
    { stroke, width }: { readonly stroke: string; readonly width: number },
  ): void {
    const context = this.#context;
    context.strokeStyle = stroke;
    context.lineWidth = width;
    context.beginPath();
    values.forEach((value, i) => {
      context.lineTo(x(i + 1), y(value));
    });
    context.stroke();
  }

  /** A dot at the end of the mean: where training is now. */
  #drawEnd(x: (step: number) => number, y: (loss: number) => number): void {
    const { mean } = this;
    if (mean === undefined) return;
    const context = this.#context;
    context.fillStyle = color("line");
    context.beginPath();
    context.arc(x(this.steps), y(mean), 4, 0, 2 * Math.PI);
    context.fill();
  }
}

/** Round numbers from 0 to `end`, about `count` of them. */
function ticks(end: number, count: number): number[] {
  const rough = end / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  return Array.from({ length: Math.floor(end / step) + 1 }, (_, i) =>
    Number((i * step).toPrecision(6)),
  );
}
