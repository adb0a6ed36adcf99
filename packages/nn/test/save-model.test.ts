// Every class of PyTorch's module and criterion tables, saved whole and loaded again.
import "@tead/autograd";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cpu } from "@tead/backend-cpu";
import { loadModel, saveModel } from "@tead/checkpoint/node";
import * as nn from "@tead/nn";
import { setDefaultDevice } from "@tead/tensor";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { constructorArguments } from "./parity/bind.ts";
import { type Case, decode, readCases } from "./parity/manifest.ts";

type AnyClass = new (...args: readonly unknown[]) => nn.AnyModule;
const exported = new Map<string, unknown>(Object.entries(nn));

setDefaultDevice(cpu());

const folder = process.env.TEAD_PARITY_DIR;
let files = "";
beforeAll(() => {
  files = mkdtempSync(join(tmpdir(), "tead-models-"));
});
afterAll(() => rmSync(files, { recursive: true }));

/** One case of each class and set of arguments. */
const distinct = (cases: readonly Case[]): Case[] => [
  ...new Map(
    cases
      .filter((c) => c.kind === "module" && exported.has(c.class ?? ""))
      .map((c) => [JSON.stringify([c.class, c.args]), c]),
  ).values(),
];

describe.each(["modules", "criteria"])("saveModel() of PyTorch's table of %s", (set) => {
  const found = readCases(folder, set);
  if (found === undefined) {
    const reason = `TEAD_PARITY_DIR is ${folder ?? "not set"}: expected a folder with ${set}.json`;
    test.skipIf(!process.env.CI)(`is at hand (${reason})`, () => {
      expect.unreachable(reason);
    });
    return;
  }
  const { cases, tensors } = found;

  test("keeps structure and weights of every case", async () => {
    const path = join(files, set);
    for (const c of distinct(cases)) {
      const Class = exported.get(c.class as string) as AnyClass;
      const args = constructorArguments(c, (value) => decode(value, tensors));
      const model = new Class(...args).train(c.training);
      await saveModel(model, path, { classes: nn });
      const loaded = await loadModel<nn.AnyModule>(path, { classes: nn });
      expect([String(loaded), loaded.training], c.name).toEqual([String(model), model.training]);
      const bits = (each: nn.AnyModule): unknown[] =>
        Object.entries(each.stateDict()).map(([key, t]) => [key, t.dtype, t.shape, t.bitsSync()]);
      expect(bits(loaded), c.name).toEqual(bits(model));
    }
  });
});
