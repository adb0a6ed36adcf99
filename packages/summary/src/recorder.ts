// The add* methods of torch.utils.tensorboard over any sink; @tead/summary/node has the form that
// writes files.
import { StateError } from "@tead/tensor";
import { Image } from "@tead/transforms/image";
import type { HistogramProto, SummaryContent } from "./event.ts";
import { makeHistogram } from "./histogram.ts";
import { checkLayout, colorOf, gridOf, pixelsOf } from "./pixels.ts";
import type {
  AddHistogramOptions,
  ImageOptions,
  LogOptions,
  RecorderOptions,
  ScalarOptions,
} from "./recorder-options.ts";
import { type Pending, RunLog } from "./run-log.ts";
import { checkScalar, isTensor, readNumbers, readScalar, type TensorLike } from "./values.ts";

/**
 * Logs scalars, images, histograms and text in TensorBoard's format to whatever {@link EventSink}
 * it is given. The methods return at once: a tensor's elements are read as they are at the call,
 * and written when they arrive, in the order of the calls. What goes wrong afterwards is thrown by
 * the next call, `flush` and `close` included.
 *
 * @see https://pytorch.org/docs/stable/tensorboard.html
 * @example
 * import assert from "node:assert/strict";
 * import { MemorySink, SummaryRecorder } from "@tead/summary";
 * const sink = new MemorySink();
 * const log = new SummaryRecorder({ open: () => sink });
 * log.addScalar("loss/train", 0.5, 1);
 * await log.close();
 * assert.ok(new TextDecoder("latin1").decode(sink.bytes()).includes("loss/train"));
 */
export class SummaryRecorder {
  readonly #options: RecorderOptions;
  readonly #runs = new Map<string, RunLog>();
  readonly #now: () => number;
  #closing: Promise<void> | undefined;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => Date.now() / 1000);
    if (options.purgeStep !== undefined) checkStep("purgeStep", options.purgeStep);
    this.#run("");
  }

  /**
   * Logs one number.
   *
   * @param tag - The chart; `/` groups charts.
   * @param value - A number, or a tensor with one element.
   * @param step - The training step. Default 0.
   * @param options - `walltime`, `newStyle`, `doublePrecision`.
   * @throws ShapeError if a tensor has more or fewer than one element.
   * @see https://pytorch.org/docs/stable/tensorboard.html#torch.utils.tensorboard.writer.SummaryWriter.add_scalar
   */
  addScalar(
    tag: string,
    value: number | bigint | TensorLike,
    step = 0,
    options: ScalarOptions = {},
  ): void {
    checkScalar("addScalar", value);
    const { newStyle = false, doublePrecision = false } = options;
    const content = (number: number): SummaryContent => {
      if (!newStyle) return { simpleValue: number };
      return { tensor: doublePrecision ? { double: number } : { float: number } };
    };
    const plugin = newStyle ? "scalars" : undefined;
    this.#add("addScalar", tag, map(readScalar(value), content), step, options, { plugin });
  }

  /**
   * Logs several numbers into one chart: each becomes a run of its own, `<mainTag>_<name>` below
   * this one (with `_` for `/` in the tag), that logs under `mainTag`.
   *
   * @param mainTag - The chart.
   * @param values - Numbers or one-element tensors by name.
   * @param step - The training step. Default 0.
   * @param options - `walltime`.
   * @throws ShapeError if a tensor has more or fewer than one element.
   * @see https://pytorch.org/docs/stable/tensorboard.html#torch.utils.tensorboard.writer.SummaryWriter.add_scalars
   */
  addScalars(
    mainTag: string,
    values: Readonly<Record<string, number | bigint | TensorLike>>,
    step = 0,
    options: LogOptions = {},
  ): void {
    const entries = Object.entries(values);
    for (const [, value] of entries) checkScalar("addScalars", value);
    const walltime = options.walltime ?? this.#now();
    for (const [name, value] of entries) {
      const content = map(readScalar(value), (simpleValue) => ({ simpleValue }));
      const run = `${mainTag.replaceAll("/", "_")}_${name}`;
      this.#add("addScalars", mainTag, content, step, { walltime }, { run });
    }
  }

  /**
   * Logs the distribution of a tensor's elements.
   *
   * @param tag - The chart.
   * @param values - A tensor of any shape, or numbers; at least one.
   * @param step - The training step. Default 0.
   * @param options - `bins`, `maxBins`, `walltime`.
   * @throws RangeError if there are no values, or none that lie in a bin (all NaN, for instance).
   * @see https://pytorch.org/docs/stable/tensorboard.html#torch.utils.tensorboard.writer.SummaryWriter.add_histogram
   */
  addHistogram(
    tag: string,
    values: TensorLike | ArrayLike<number>,
    step = 0,
    options: AddHistogramOptions = {},
  ): void {
    const count = isTensor(values) ? values.shape.reduce((a, b) => a * b, 1) : values.length;
    if (count === 0) {
      throw new RangeError(`addHistogram: Cannot log "${tag}": expected at least 1 value`);
    }
    const content = map(readNumbers(values), (numbers) => {
      try {
        return { histogram: makeHistogram(numbers, options) };
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        throw new RangeError(`addHistogram: Cannot log "${tag}": ${error.message}`);
      }
    });
    this.#add("addHistogram", tag, content, step, options);
  }

  /**
   * Logs a histogram that was counted elsewhere.
   *
   * @param tag - The chart.
   * @param histogram - Moments, upper limits and counts.
   * @param step - The training step. Default 0.
   * @param options - `walltime`.
   * @throws RangeError if there are not as many limits as counts.
   * @see https://pytorch.org/docs/stable/tensorboard.html#torch.utils.tensorboard.writer.SummaryWriter.add_histogram_raw
   */
  addHistogramRaw(
    tag: string,
    histogram: HistogramProto,
    step = 0,
    options: LogOptions = {},
  ): void {
    const { bucket, bucketLimit } = histogram;
    if (bucket.length !== bucketLimit.length) {
      throw new RangeError(
        `addHistogramRaw: Cannot log "${tag}": ` +
          `expected ${bucket.length} bucketLimits (one a bucket), received ${bucketLimit.length}`,
      );
    }
    this.#add("addHistogramRaw", tag, { histogram }, step, options);
  }

  /**
   * Logs an image. Gray becomes RGB; elements of any dtype but uint8 are taken as 0 to 1.
   *
   * **Shapes**: `[C, H, W]` with 1, 3 or 4 channels, or as `dataformats` says (`"HW"`, `"HWC"`).
   *
   * @param tag - The panel.
   * @param image - An image, or a tensor.
   * @param step - The training step. Default 0.
   * @param options - `dataformats`, `walltime`.
   * @throws ShapeError if the shape does not fit `dataformats`.
   * @see https://pytorch.org/docs/stable/tensorboard.html#torch.utils.tensorboard.writer.SummaryWriter.add_image
   */
  addImage(tag: string, image: Image | TensorLike, step = 0, options: ImageOptions = {}): void {
    this.#addPixels("addImage", tag, image, step, options);
  }

  /**
   * Logs a batch of images as one picture, a grid of up to 8 columns.
   *
   * **Shapes**: `[N, C, H, W]` with 1 or 3 channels, or as `dataformats` says (`"NHWC"`).
   *
   * @param tag - The panel.
   * @param images - A tensor, or images of one size.
   * @param step - The training step. Default 0.
   * @param options - `dataformats`, `walltime`.
   * @throws ShapeError if the shape does not fit `dataformats`.
   * @throws RangeError if the images' sizes differ.
   * @see https://pytorch.org/docs/stable/tensorboard.html#torch.utils.tensorboard.writer.SummaryWriter.add_images
   */
  addImages(
    tag: string,
    images: TensorLike | readonly Image[],
    step = 0,
    options: ImageOptions = {},
  ): void {
    const source = isTensor(images) ? images : gridOf("addImages", images);
    this.#addPixels("addImages", tag, source, step, { dataformats: "NCHW", ...options });
  }

  /**
   * Logs text, which TensorBoard shows as Markdown.
   *
   * @param tag - The panel; `/text_summary` is appended, as in PyTorch.
   * @param text - Markdown.
   * @param step - The training step. Default 0.
   * @param options - `walltime`.
   * @see https://pytorch.org/docs/stable/tensorboard.html#torch.utils.tensorboard.writer.SummaryWriter.add_text
   */
  addText(tag: string, text: string, step = 0, options: LogOptions = {}): void {
    const content = { tensor: { strings: [text] } };
    this.#add("addText", `${tag}/text_summary`, content, step, options, { plugin: "text" });
  }

  /**
   * Resolves once everything added so far is written.
   *
   * @throws Whatever went wrong since the last call: a tensor that could not be read, a full disk.
   */
  async flush(): Promise<void> {
    await settleAll([...this.#runs.values()].map((run) => run.flush()));
  }

  /**
   * Flushes and closes all logs; adding anything afterwards is an error. Closing twice is not.
   *
   * @throws Whatever went wrong since the last call.
   */
  close(): Promise<void> {
    this.#closing ??= settleAll([...this.#runs.values()].map((run) => run.close()));
    return this.#closing;
  }

  /** `await using writer = ...` closes it at the end of the block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #addPixels(
    op: string,
    tag: string,
    source: Image | TensorLike,
    step: number,
    { dataformats = "CHW", ...options }: ImageOptions,
  ): void {
    const { encodePng } = this.#options;
    if (encodePng === undefined) {
      throw new TypeError(`${op}: Cannot log "${tag}": expected a recorder with encodePng`);
    }
    let image: Pending<Image>;
    if (source instanceof Image) {
      image = colorOf(source);
    } else {
      const { shape, dtype } = source;
      checkLayout(op, shape, dataformats);
      image = source.data().then((data) => pixelsOf({ data, shape, dtype }, dataformats));
    }
    const content = map(image, (pixels) =>
      map(encodePng(pixels), (encoded) => {
        const { height, width, channels: colorspace } = pixels;
        return { image: { height, width, colorspace, encoded } };
      }),
    );
    this.#add(op, tag, content, step, options);
  }

  #add(
    op: string,
    tag: string,
    content: Pending<SummaryContent>,
    step: number,
    options: LogOptions,
    { plugin, run = "" }: { readonly plugin?: string; readonly run?: string } = {},
  ): void {
    const walltime = options.walltime ?? this.#now();
    const value = map(content, (ready) => ({ tag, plugin, content: ready }));
    // A value that is refused below still settles; nobody is left to hear of it.
    if (value instanceof Promise) value.catch(() => {});
    if (this.#closing !== undefined) {
      throw new StateError(`${op}: Cannot log "${tag}": the writer is closed`);
    }
    this.#run(run).add({ step: checkStep("step", step), walltime }, value);
  }

  #run(name: string): RunLog {
    let run = this.#runs.get(name);
    if (run === undefined) {
      const { open, purgeStep } = this.#options;
      run = new RunLog(open(name), purgeStep, this.#now());
      this.#runs.set(name, run);
    }
    return run;
  }
}

function map<T, R>(value: Pending<T>, fn: (value: T) => Pending<R>): Pending<R> {
  return value instanceof Promise ? value.then(fn) : fn(value);
}

function checkStep(name: string, step: number): number {
  if (Number.isSafeInteger(step)) return step;
  throw new RangeError(`SummaryWriter: Cannot use ${name}=${step}: expected an integer`);
}

/** Waits for all, then throws the first failure: one full disk must not leave other files open. */
async function settleAll(promises: readonly Promise<void>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(promises)) {
    if (outcome.status === "rejected") throw outcome.reason;
  }
}
