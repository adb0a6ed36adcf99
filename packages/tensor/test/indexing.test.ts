import { cpu } from "@tead/backend-cpu";
import { setDefaultDevice } from "@tead/tensor";
import { describe, test } from "vitest";
import { fixture, replay, scattered, titleOf } from "./support/cases.ts";

setDefaultDevice(cpu());

describe("reading and writing by index does what PyTorch does", () => {
  test.each(fixture("indexing").cases.map((c) => [titleOf(c), c] as const))("%s", (_, c) => {
    replay(c);
    replay(c, scattered);
  });
});
