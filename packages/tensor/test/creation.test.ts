import { cpu } from "@tead/backend-cpu";
import { setDefaultDevice } from "@tead/tensor";
import { describe, test } from "vitest";
import { fixture, replay, scattered, titleOf } from "./support/cases.ts";

setDefaultDevice(cpu());

describe("a new tensor holds what PyTorch's holds", () => {
  test.each(fixture("creation").cases.map((c) => [titleOf(c), c] as const))("%s", (_, c) => {
    replay(c);
    replay(c, scattered);
  });
});
