import { cpu } from "@tead/backend-cpu";
import { setDefaultDevice } from "@tead/tensor";
import { describe, test } from "vitest";
import { fixture, replay, scattered, titleOf } from "./support/cases.ts";

setDefaultDevice(cpu());

describe("a view shows what PyTorch shows", () => {
  test.each(fixture("view").cases.map((c) => [titleOf(c), c] as const))("%s", (_, c) => {
    replay(c);
    // view() and asStrided() show memory as it lies: of another layout, another result.
    if (c.op !== "view" && c.op !== "as_strided") replay(c, scattered);
  });
});
