// SummaryWriter: the recorder over event files in a folder, with PyTorch's defaults.
import { hostname } from "node:os";
import { join } from "node:path";
import type { FileFormatError } from "@tead/transforms/image";
import { SummaryRecorder } from "../recorder.ts";
import { openEventFile } from "./open.ts";
import { encodePng } from "./png.ts";

/** Options of `SummaryWriter`. */
export interface SummaryWriterOptions {
  /** Appended to the default folder's name; has no effect with a `logDir`. Default `""`. */
  readonly comment?: string;
  /** After a crash, the step from which training goes on: later events of the folder are hidden. */
  readonly purgeStep?: number;
  /** This many waiting events start a write. Default 10. */
  readonly maxQueue?: number;
  /** An event waits at most this many seconds. Default 120. */
  readonly flushSecs?: number;
  /** Appended to the names of event files. Default `""`. */
  readonly filenameSuffix?: string;
  /**
   * Continue the folder's newest event file instead of beginning a new one. A record that a crash
   * cut short is reported and removed; a file with other damage is reported, left alone, and a new
   * one begun. Default false.
   */
  readonly append?: boolean;
  /** Hears of damaged files, by name and offset. Default: `process.emitWarning`. */
  readonly onWarning?: (warning: FileFormatError) => void;
}

/**
 * Writes event files that TensorBoard shows: `tensorboard --logdir runs`.
 *
 * Events are kept in memory and written behind the program's back, always as whole records, so that
 * a crash loses the last of them at most; they are also written when the process ends without
 * `close`.
 *
 * @param logDir - The folder of this run, made if need be. Default
 * `runs/<month><day>_<time>_<host><comment>`.
 * @param options - See {@link SummaryWriterOptions}.
 * @throws RangeError if `maxQueue`, `flushSecs` or `purgeStep` is out of range.
 * @see https://pytorch.org/docs/stable/tensorboard.html#torch.utils.tensorboard.writer.SummaryWriter
 * @example
 * import assert from "node:assert/strict";
 * import { mkdtempSync, readdirSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { SummaryWriter } from "@tead/summary/node";
 * const logDir = mkdtempSync(join(tmpdir(), "runs-"));
 * const writer = new SummaryWriter(logDir);
 * for (let step = 0; step < 100; step++) writer.addScalar("loss/train", 1 / (step + 1), step);
 * await writer.close();
 * assert.match(readdirSync(logDir).join(), /^events\.out\.tfevents\.\d{10}\./);
 */
export class SummaryWriter extends SummaryRecorder {
  /** The folder of this run. */
  readonly logDir: string;

  constructor(logDir?: string, options: SummaryWriterOptions = {}) {
    const { comment = "", purgeStep, append = false, filenameSuffix = "" } = options;
    const { maxQueue = 10, flushSecs = 120 } = options;
    const onWarning = options.onWarning ?? ((warning) => process.emitWarning(warning));
    if (!(maxQueue >= 1)) {
      throw new RangeError(
        `SummaryWriter: Cannot use maxQueue=${maxQueue}: expected a positive number`,
      );
    }
    if (!(flushSecs > 0)) {
      throw new RangeError(
        `SummaryWriter: Cannot use flushSecs=${flushSecs}: expected a positive number`,
      );
    }
    const folder = logDir ?? join("runs", defaultRunName(new Date()) + comment);
    // A timer takes at most 2^31 - 1 milliseconds; that is long enough for "never".
    const seconds = Math.min(flushSecs, 2_000_000);
    const files = { maxQueue, flushSecs: seconds, filenameSuffix, append, onWarning };
    super({ open: (run) => openEventFile(join(folder, run), files), encodePng, purgeStep });
    this.logDir = folder;
  }
}

const months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** `May04_22-14-54_myhost` */
function defaultRunName(now: Date): string {
  const two = (value: number): string => `${value}`.padStart(2, "0");
  const day = `${months[now.getMonth()]}${two(now.getDate())}`;
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join("-");
  return `${day}_${time}_${hostname()}`;
}
