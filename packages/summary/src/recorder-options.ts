// The options of the recorder and of its add* methods. Types only.
import type { Image } from "@tead/transforms/image";
import type { Bins } from "./histogram.ts";
import type { Pending } from "./run-log.ts";
import type { EventSink } from "./sink.ts";

/** What every `add*` method takes last. */
export interface LogOptions {
  /** When it happened, in seconds since 1970. Default: now. */
  readonly walltime?: number;
}

export interface ScalarOptions extends LogOptions {
  /**
   * Write a tensor field with the scalars plugin's metadata instead of `simple_value`. Default
   * false.
   */
  readonly newStyle?: boolean;
  /** With `newStyle`: keep float64. Default false. */
  readonly doublePrecision?: boolean;
}

export interface ImageOptions extends LogOptions {
  /** The order of a tensor's dimensions. Default `"CHW"`, for `addImages` `"NCHW"`. */
  readonly dataformats?: string;
}

export interface AddHistogramOptions extends LogOptions {
  /** `"tensorflow"`, a number of equal bins, or the edges. Default `"tensorflow"`. */
  readonly bins?: Bins;
  /** Neighbouring bins are merged until at most about this many are left. Default: no limit. */
  readonly maxBins?: number;
}

/** Options of `SummaryRecorder`. */
export interface RecorderOptions {
  /**
   * Opens the log of a run: `""` is the run itself, any other name one of the sub-runs of
   * `addScalars`, to be kept in a folder of that name below it.
   */
  readonly open: (run: string) => EventSink;
  /** An RGB or RGBA image as a PNG file. Without it `addImage` and `addImages` are errors. */
  readonly encodePng?: (image: Image) => Pending<Uint8Array>;
  /** What was logged earlier at this step or later is hidden from now on. Default: nothing. */
  readonly purgeStep?: number;
  /** Seconds since 1970. Default: the system's clock. */
  readonly now?: () => number;
}
