import { ShapeError, StateError } from "@tead/tensor";
import { Image } from "@tead/transforms/image";
import { PNG } from "pngjs";
import { describe, expect, it } from "vitest";
import { MemorySink, SummaryRecorder, type TensorLike } from "../src/index.ts";
import { encodePng } from "../src/node.ts";
import { fixture, tensorOf, toNumber } from "./fixture.ts";
import { eventsOf, payloadsOf } from "./read-records.ts";
import type { DecodedEvent } from "./tensorboard-messages.ts";

const { walltime } = fixture;

/** What `use` logs: the events behind the version event, and the last record's bytes. */
async function logged(
  use: (log: SummaryRecorder) => void,
): Promise<{ events: DecodedEvent[]; record: string }> {
  const sink = new MemorySink();
  const log = new SummaryRecorder({ open: () => sink, encodePng });
  use(log);
  await log.close();
  const bytes = sink.bytes();
  const last = payloadsOf(bytes).at(-1)!;
  const record = Buffer.from(bytes.subarray(bytes.length - last.length - 16)).toString("base64");
  return { events: eventsOf(bytes).slice(1), record };
}

const valueIn = (event: DecodedEvent | undefined) => event!.summary!.value[0]!;

describe("addScalar()", () => {
  it.each(fixture.scalars)("writes PyTorch's bytes for $value $options", async (each) => {
    const { tag, step } = each.event;
    const { record } = await logged((log) =>
      log.addScalar(tag, toNumber(each.value), step, { walltime, ...each.options }),
    );
    expect(record).toBe(each.event.record);
  });

  it("takes one-element tensors and bigints", async () => {
    const tensor = { shape: [1, 1], dtype: "int64", data: async () => BigInt64Array.of(9n) };
    const { events } = await logged((log) => {
      log.addScalar("a", tensor);
      log.addScalar("a", 10n);
    });
    expect(events.map((event) => valueIn(event).simple_value)).toEqual([9, 10]);
  });

  it("refuses a tensor with several elements", async () => {
    await logged((log) => {
      const tensor = tensorOf({ shape: [2, 1], dtype: "float32", data: [1, 2] });
      const call = () => log.addScalar("a", tensor);
      expect(call).toThrow(ShapeError);
      expect(call).toThrow("addScalar: Cannot log a tensor [2, 1] as a scalar: expected 1 element");
    });
  });

  it.each([1.5, Number.NaN])("refuses step %d", async (step) => {
    await logged((log) => {
      expect(() => log.addScalar("a", 1, step)).toThrow(
        `SummaryWriter: Cannot use step=${step}: expected an integer`,
      );
    });
  });

  it("stamps events with the current time", async () => {
    const before = Date.now() / 1000;
    const { events } = await logged((log) => log.addScalar("a", 1));
    expect(events[0]!.wall_time).toBeGreaterThanOrEqual(before);
    expect(events[0]!.wall_time).toBeLessThanOrEqual(Date.now() / 1000);
  });
});

describe("addText()", () => {
  it("writes PyTorch's bytes", async () => {
    const { record } = await logged((log) => log.addText("note", "**größer** 🙂", 1, { walltime }));
    expect(record).toBe(fixture.text.record);
  });
});

describe("addHistogram()", () => {
  it.each(fixture.histograms)("counts $name as PyTorch does", async (each) => {
    const { bins, max_bins: maxBins } = each.options;
    const { events } = await logged((log) =>
      log.addHistogram(each.name, tensorOf(each.tensor), 7, { bins, maxBins }),
    );
    const { histo } = valueIn(events[0]);
    const expected = each.event.histo;
    expect(histo.bucket_limit).toEqual(expected.bucket_limit);
    expect(histo.bucket).toEqual(expected.bucket);
    expect([histo.min, histo.max, histo.num]).toEqual(
      [expected.min, expected.max, expected.num].map(toNumber),
    );
    // NumPy adds in another order.
    const scale = Math.sqrt(toNumber(expected.sum_squares) * toNumber(expected.num));
    expect(Math.abs(histo.sum - toNumber(expected.sum)) / (scale || 1)).not.toBeGreaterThan(1e-14);
    const squares = toNumber(expected.sum_squares);
    expect(Math.abs(histo.sum_squares / (squares || 1) - (squares ? 1 : 0))).not.toBeGreaterThan(
      1e-13,
    );
  });

  it("takes plain numbers", async () => {
    const { events } = await logged((log) => log.addHistogram("a", [1, 2, 3], 0, { bins: 2 }));
    expect(valueIn(events[0]).histo.bucket).toEqual([0, 1, 2]);
  });

  it("refuses nothing at all", async () => {
    await logged((log) => {
      expect(() => log.addHistogram("w", [])).toThrow(
        'addHistogram: Cannot log "w": expected at least 1 value',
      );
    });
  });

  it("names the tag when no value lies in a bin", async () => {
    await logged((log) => {
      expect(() => log.addHistogram("fc.weight", [Number.NaN, Number.NaN])).toThrow(
        'addHistogram: Cannot log "fc.weight": makeHistogram: Cannot count values: all 2 lie outside the bins (NaN, infinite or too large)',
      );
    });
  });

  it.each([
    [{ bins: 0 }, 'Cannot use bins=0: expected a positive integer, edges or "tensorflow"'],
    [{ bins: [1] }, "Cannot use bins: expected at least 2 increasing edges, received 1"],
    [{ bins: [0, 2, 1] }, "expected at least 2 increasing edges, received 2 before 1"],
    [{ maxBins: 0 }, "Cannot use maxBins=0: expected a positive integer"],
  ])("refuses %j", async (options, message) => {
    await logged((log) => {
      expect(() => log.addHistogram("a", [1, 2], 0, options)).toThrow(message);
    });
  });

  it("refuses equal bins over infinite values", async () => {
    await logged((log) => {
      const values = [1, Number.POSITIVE_INFINITY];
      expect(() => log.addHistogram("a", values, 0, { bins: 3 })).toThrow(
        "Cannot cut [1, Infinity] into 3 bins: expected finite values",
      );
    });
  });
});

describe("addHistogramRaw()", () => {
  const moments = { min: 0, max: 2, num: 3, sum: 4, sumSquares: 6 };

  it("writes counts as they are", async () => {
    const histogram = { ...moments, bucketLimit: [1, 2], bucket: [1, 2] };
    const { events } = await logged((log) => log.addHistogramRaw("a", histogram, 3));
    const { sum_squares, bucket, bucket_limit } = valueIn(events[0]).histo;
    expect([events[0]!.step, sum_squares, bucket, bucket_limit]).toEqual([3, 6, [1, 2], [1, 2]]);
  });

  it("refuses limits that do not pair with counts", async () => {
    await logged((log) => {
      const histogram = { ...moments, bucketLimit: [1], bucket: [1, 2] };
      expect(() => log.addHistogramRaw("a", histogram)).toThrow(
        'addHistogramRaw: Cannot log "a": expected 2 bucketLimits (one a bucket), received 1',
      );
    });
  });
});

/** Size and pixels of a logged PNG, in the channels it is stored with. */
function picture(event: DecodedEvent | undefined): { size: number[]; pixels: string } {
  const { height, width, colorspace, encoded_image_string: file } = valueIn(event).image;
  const png = PNG.sync.read(Buffer.from(file));
  expect([png.height, png.width]).toEqual([height, width]);
  const pixels = png.data.filter((_, i) => i % 4 < colorspace);
  return { size: [height, width, colorspace], pixels: Buffer.from(pixels).toString("base64") };
}

describe("addImage() and addImages()", () => {
  const title = "$method shows PyTorch's pixels for $tensor.dtype $tensor.shape as $dataformats";
  it.each(fixture.images)(title, async ({ method, tensor, dataformats, event }) => {
    const { events } = await logged((log) => {
      const add = method === "add_image" ? log.addImage : log.addImages;
      add.call(log, "picture", tensorOf(tensor), 2, { dataformats });
    });
    expect(picture(events[0])).toEqual(event.image);
    expect([events[0]!.step, valueIn(events[0]).tag]).toEqual([2, "picture"]);
  });

  it("clips what lies outside 0 to 1, and shows NaN as black", async () => {
    const data = [-0.5, 0.5, 1.5, Number.NaN];
    const tensor = { shape: [1, 4], dtype: "float32", data: async () => Float32Array.from(data) };
    const { events } = await logged((log) => log.addImage("a", tensor, 0, { dataformats: "HW" }));
    const pixels = Buffer.from(picture(events[0]).pixels, "base64");
    expect([...pixels].filter((_, i) => i % 3 === 0)).toEqual([0, 127, 255, 0]);
  });

  it.each([1, 2, 3, 4] as const)("takes an Image with %d channels", async (channels) => {
    const image = new Image(new Uint8Array(6 * channels).fill(200), 2, 3, channels);
    const { events } = await logged((log) => log.addImage("a", image));
    const shown = picture(events[0]);
    expect(shown.size).toEqual([2, 3, channels % 2 === 0 ? 4 : 3]);
    expect(new Set(Buffer.from(shown.pixels, "base64"))).toEqual(new Set([200]));
  });

  it("puts Images into a grid", async () => {
    const dots = Array.from({ length: 9 }, (_, i) => new Image(Uint8Array.of(i + 1), 1, 1));
    const { events } = await logged((log) => log.addImages("a", dots));
    const { size, pixels } = picture(events[0]);
    expect(size).toEqual([2, 8, 3]);
    const red = Buffer.from(pixels, "base64").filter((_, i) => i % 3 === 0);
    expect([...red]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 0, 0, 0, 0, 0, 0]);
  });

  const tensor = (...shape: number[]): TensorLike => ({
    shape,
    dtype: "float32",
    data: async () => [],
  });
  it.each([
    [tensor(3, 2, 2), "CHX", 'Cannot use dataformats="CHX": expected an order of HW, CHW or NCHW'],
    [tensor(2, 2), "CHW", "Cannot read a tensor [2, 2] as CHW: expected 3 dimensions, received 2"],
    [tensor(2, 4, 4), "CHW", "as CHW: expected 1 or 3 or 4 channels, received 2"],
    [tensor(5, 4, 4, 4), "NCHW", "as NCHW: expected 1 or 3 channels, received 4"],
    [tensor(3, 0, 4), "CHW", "Cannot show a tensor [3, 0, 4]: expected at least one pixel"],
  ])("refuses $shape as %s", async (image, dataformats, message) => {
    await logged((log) => {
      const call = () => log.addImage("a", image, 0, { dataformats });
      expect(call).toThrow(RangeError);
      expect(call).toThrow(message);
    });
  });

  it("refuses Images of different sizes, and none", async () => {
    await logged((log) => {
      const images = [new Image(new Uint8Array(4), 2, 2), new Image(new Uint8Array(6), 2, 3)];
      expect(() => log.addImages("a", images)).toThrow(
        "addImages: Cannot put images into a grid: expected 2 x 2 pixels, received 2 x 3",
      );
      expect(() => log.addImages("a", [])).toThrow(
        "addImages: Cannot show images: expected at least 1",
      );
    });
  });

  it("needs an encoder", async () => {
    const log = new SummaryRecorder({ open: () => new MemorySink() });
    expect(() => log.addImage("a", new Image(Uint8Array.of(1), 1, 1))).toThrow(
      'addImage: Cannot log "a": expected a recorder with encodePng',
    );
    await log.close();
  });
});

describe("SummaryRecorder", () => {
  const slow = (value: number, delayMs: number): TensorLike => ({
    shape: [],
    dtype: "float32",
    data: async () => {
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      return Float32Array.of(value);
    },
  });

  it("keeps the order of the calls though values arrive in another", async () => {
    const { events } = await logged((log) => {
      log.addScalar("a", slow(1, 20), 1);
      log.addScalar("a", 2, 2);
      log.addScalar("a", slow(3, 1), 3);
      log.addScalar("a", 4, 4);
    });
    expect(events.map((event) => valueIn(event).simple_value)).toEqual([1, 2, 3, 4]);
  });

  it("has everything written after flush()", async () => {
    const sink = new MemorySink();
    const log = new SummaryRecorder({ open: () => sink });
    log.addScalar("a", slow(1, 5));
    expect(eventsOf(sink.bytes())).toHaveLength(1);
    await log.flush();
    expect(eventsOf(sink.bytes())).toHaveLength(2);
    await log.close();
  });

  it("throws a failed read at the next call, once, and goes on", async () => {
    const sink = new MemorySink();
    const log = new SummaryRecorder({ open: () => sink });
    const data = () => Promise.reject(new Error("device lost"));
    log.addScalar("a", { shape: [], dtype: "float32", data });
    log.addScalar("a", 2);
    await expect(log.flush()).rejects.toThrow("device lost");
    log.addScalar("a", 3);
    await log.close();
    const values = eventsOf(sink.bytes()).slice(1).map(valueIn);
    expect(values.map((value) => value.simple_value)).toEqual([2, 3]);
  });

  it("begins a log with its version, and names its writer", async () => {
    const sink = new MemorySink();
    await new SummaryRecorder({ open: () => sink }).close();
    expect(eventsOf(sink.bytes())).toMatchObject([
      { what: "file_version", file_version: "brain.Event:2" },
    ]);
  });

  it("hides later events with purgeStep", async () => {
    const sink = new MemorySink();
    await new SummaryRecorder({ open: () => sink, purgeStep: 40 }).close();
    expect(eventsOf(sink.bytes())[1]).toMatchObject({
      what: "session_log",
      step: 40,
      session_log: { status: "START" },
    });
    expect(() => new SummaryRecorder({ open: () => sink, purgeStep: 0.5 })).toThrow(
      "SummaryWriter: Cannot use purgeStep=0.5: expected an integer",
    );
  });

  it("refuses to log after close(), and closes twice", async () => {
    const log = new SummaryRecorder({ open: () => new MemorySink() });
    await log.close();
    await log.close();
    expect(() => log.addScalar("loss", 1)).toThrow(StateError);
    expect(() => log.addScalar("loss", 1)).toThrow(
      'addScalar: Cannot log "loss": the writer is closed',
    );
  });

  it("closes at the end of a block with await using", async () => {
    let closed = false;
    const sink = new MemorySink();
    sink.close = async () => {
      closed = true;
    };
    {
      await using log = new SummaryRecorder({ open: () => sink });
      log.addScalar("a", 1);
    }
    expect(closed).toBe(true);
  });
});
