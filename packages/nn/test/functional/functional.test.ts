// Functions that resize, sample and draw compute what PyTorch's do, forward and backward.
import "@tead/autograd";
import { readFileSync } from "node:fs";
import { cpu } from "@tead/backend-cpu";
import { setDefaultDevice } from "@tead/tensor";
import { test } from "vitest";
import type { Case } from "../parity/manifest.ts";
import { replay } from "../parity/replay.ts";

setDefaultDevice(cpu());

const { cases } = JSON.parse(
  readFileSync(new URL("../fixtures/functional.json", import.meta.url), "utf8"),
) as { cases: readonly Case[] };

const inline = (): never => {
  throw new Error("expected a tensor inline");
};

test.each(cases)("$name gives PyTorch's values and gradients", (c) => {
  replay(c, inline);
});
