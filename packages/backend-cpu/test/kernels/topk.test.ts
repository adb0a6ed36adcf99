// topk() where there is no dim to pick along.
import { setDefaultDevice, tensor } from "@tead/tensor";
import { expect, it } from "vitest";
import { cpu } from "../../src/index.ts";

setDefaultDevice(cpu());

it("topk() of a scalar is the scalar, however many are asked for", () => {
  for (const k of [0, 1]) {
    const { values, indices } = tensor(5.5).topk(k);
    expect(values.tolistSync()).toBe(5.5);
    expect(indices.tolistSync()).toBe(0);
  }
});
