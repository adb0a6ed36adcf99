import { cpu } from "@tead/backend-cpu";
import { arange, setDefaultDevice, tensor } from "@tead/tensor";
import { PNG } from "pngjs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MemorySink, SummaryRecorder } from "../src/index.ts";
import { encodePng } from "../src/node.ts";
import { eventsOf } from "./read-records.ts";

beforeAll(() => setDefaultDevice(cpu()));
afterAll(() => setDefaultDevice(undefined));

describe("SummaryRecorder with tensors", () => {
  it("logs their values as they are at the call", async () => {
    const sink = new MemorySink();
    const log = new SummaryRecorder({ open: () => sink, encodePng });
    const loss = tensor(0.5);
    const weight = tensor([1, 2, 2]);
    log.addScalar("loss", loss);
    log.addHistogram("weight", weight, 0, { bins: [0, 1.5, 3] });
    loss.add_(1);
    weight.mul_(0);
    log.addScalar("count", tensor(9n));
    log.addHistogram("half", tensor([1, 3], { dtype: "bfloat16" }), 0, { bins: 2 });
    // [2, 3, 1] -> [1, 2, 3]: a view that is not contiguous
    const pixels = arange(6, { dtype: "uint8" }).reshape([2, 3, 1]).permute([2, 0, 1]);
    log.addImage("pixels", pixels);
    await log.close();
    const [a, b, c, d, e] = eventsOf(sink.bytes())
      .slice(1)
      .map((event) => event.summary!.value[0]!);
    expect([a!.simple_value, c!.simple_value]).toEqual([0.5, 9]);
    expect([b!.histo.bucket, b!.histo.sum]).toEqual([[0, 1, 2], 5]);
    expect([d!.histo.bucket, d!.histo.sum]).toEqual([[0, 1, 1], 4]);
    const { data } = PNG.sync.read(Buffer.from(e!.image.encoded_image_string));
    expect([...data].filter((_, i) => i % 4 === 0)).toEqual([0, 1, 2, 3, 4, 5]);
  });
});
