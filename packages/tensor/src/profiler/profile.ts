// What a profile has recorded, summed by op, as a table and as a Chrome trace.
import { formatShape } from "../shape.ts";

/** One op, or one range named by `recordFunction()`. */
export interface ProfileEvent {
  readonly name: string;
  readonly kind: "op" | "function";
  /** When it began, in ms since the profile did. */
  readonly start: number;
  /** How long it took, in ms, with all that ran inside. */
  readonly time: number;
  /** How long it took without what ran inside, in ms. */
  readonly selfTime: number;
  /** The memory that its outputs took, in bytes; what ran inside counts there. */
  readonly bytes: number;
  /** Its floating-point operations; what ran inside counts there. */
  readonly flops: number;
  /** The shapes of its operands; a number has none, an operand left out is `undefined`. */
  readonly shapes: readonly (readonly number[] | undefined)[];
}

/** All calls of one op, or all ranges of one name. Times in ms. */
export interface KeyAverage
  extends Pick<ProfileEvent, "name" | "kind" | "time" | "selfTime" | "bytes" | "flops"> {
  readonly calls: number;
  /** With `groupByInputShape`, the shapes that these calls share. */
  readonly shapes?: ProfileEvent["shapes"];
}

/** Options of `keyAverages()`. */
export interface KeyAverageOptions {
  /** A row for each op and operand shapes instead of each op. */
  readonly groupByInputShape?: boolean;
}

/** Options of `table()`. */
export interface TableOptions extends KeyAverageOptions {
  /** The largest come first; own time unless said. */
  readonly sortBy?: "selfTime" | "time" | "calls" | "bytes" | "flops";
  /** How many rows; 20 unless said. */
  readonly rowLimit?: number;
}

/** What `profile()` gives. */
export class Profile {
  /** In the order in which they began. */
  readonly events: readonly ProfileEvent[];
  /** How long it all took, in ms. */
  readonly time: number;

  constructor(events: readonly ProfileEvent[], time: number) {
    this.events = events;
    this.time = time;
  }

  /** The sums over all events of one name. PyTorch's `key_averages()`. */
  keyAverages({ groupByInputShape = false }: KeyAverageOptions = {}): KeyAverage[] {
    const rows = new Map<string, KeyAverage>();
    for (const event of this.events) {
      const { name, kind, shapes } = event;
      const key = `${kind} ${name} ${groupByInputShape ? shapesText(shapes) : ""}`;
      const row = rows.get(key);
      rows.set(key, {
        name,
        kind,
        calls: (row?.calls ?? 0) + 1,
        time: (row?.time ?? 0) + event.time,
        selfTime: (row?.selfTime ?? 0) + event.selfTime,
        bytes: (row?.bytes ?? 0) + event.bytes,
        flops: (row?.flops ?? 0) + event.flops,
        ...(groupByInputShape ? { shapes } : {}),
      });
    }
    return [...rows.values()];
  }

  /**
   * The sums as text for a terminal: own time with its share, time with what ran inside, memory, operations, and the
   * speed that they make.
   */
  table({ sortBy = "selfTime", rowLimit = 20, groupByInputShape }: TableOptions = {}): string {
    const all = this.keyAverages({ groupByInputShape });
    const rows = all.sort((a, b) => b[sortBy] - a[sortBy]).slice(0, rowLimit);
    const cells = rows.map((row) => [
      row.name,
      `${row.calls}`,
      milliseconds(row.selfTime),
      `${((100 * row.selfTime) / (this.time || 1)).toFixed(1)}%`,
      milliseconds(row.time),
      row.bytes === 0 ? "" : bytesText(row.bytes),
      row.flops === 0 ? "" : countText(row.flops),
      row.flops === 0 || row.time === 0 ? "" : (row.flops / row.time / 1e6).toFixed(2),
      ...(groupByInputShape ? [shapesText(row.shapes ?? [])] : []),
    ]);
    const titles = ["op", "calls", "self ms", "self", "total ms", "memory", "flops", "GFLOP/s"];
    if (groupByInputShape) titles.push("shapes");
    const more = all.length - rows.length;
    const end = `${more > 0 ? `${more} more, ` : ""}${milliseconds(this.time)} ms in all`;
    return `${aligned([titles, ...cells]).join("\n")}\n${end}`;
  }

  /**
   * JSON for a file that chrome://tracing, https://ui.perfetto.dev or the performance panel of a browser opens. PyTorch's
   * `export_chrome_trace()`.
   */
  chromeTrace(): string {
    const traceEvents = this.events.map(({ name, kind, start, time, bytes, flops, shapes }) => ({
      ...{ name, cat: kind, ph: "X", pid: 1, tid: 1 },
      ...{ ts: start * 1000, dur: time * 1000 },
      args: { shapes, bytes, flops },
    }));
    return JSON.stringify({ displayTimeUnit: "ms", traceEvents });
  }
}

const milliseconds = (ms: number): string => ms.toFixed(ms < 10 ? 3 : 1);

const shapesText = (shapes: ProfileEvent["shapes"]): string =>
  shapes.map((shape) => (shape === undefined ? "-" : formatShape(shape))).join(" ");

function bytesText(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${value.toFixed(power === 0 || value >= 100 ? 0 : 1)} ${units[power]}`;
}

function countText(count: number): string {
  const units = ["", " k", " M", " G", " T"];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(count) / 3));
  return `${(count / 1000 ** power).toFixed(power === 0 ? 0 : 1)}${units[power]}`;
}

/** Rows as lines: the first and a ninth column flush left, numbers flush right. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0))) ?? [];
  const pad = (cell: string, i: number): string =>
    i === 0 || i === 8 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0);
  return rows.map((row) => row.map(pad).join("  ").trimEnd());
}
