// Every layer and loss computes what PyTorch's does, forward and backward, and its state dict
// comes back.
import "@tead/autograd";
import { readFileSync } from "node:fs";
import { cpu } from "@tead/backend-cpu";
import * as nn from "@tead/nn";
import { setDefaultDevice } from "@tead/tensor";
import { describe, expect, test } from "vitest";
import { constructorArguments } from "../parity/bind.ts";
import { type Case, decode } from "../parity/manifest.ts";
import { replay } from "../parity/replay.ts";

setDefaultDevice(cpu());

const read = (name: string): { readonly cases: readonly Case[] } =>
  JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), "utf8"));
const cases = ["layers", "recurrent", "attention"].flatMap((name) => read(name).cases);
const inline = (): never => {
  throw new Error("expected a tensor inline");
};

/** What has no numbers of its own: bases, containers, and what becomes another class. */
const containers = ["Sequential", "ModuleList", "ModuleDict", "ParameterList", "ParameterDict"];
/** The attention's last projection: a Linear that prints another name. */
const renamed = "NonDynamicallyQuantizableLinear";
const withoutCase = (name: string): boolean =>
  ["Module", "Loss", renamed, ...containers].includes(name) || name.startsWith("Lazy");

describe("a layer", () => {
  test("has a case for every class of the package", () => {
    const classes = Object.entries(nn)
      .filter(([, value]) => typeof value === "function" && value.prototype instanceof nn.Module)
      .map(([name]) => name)
      .filter((name) => !withoutCase(name));
    expect([...new Set(cases.map((c) => c.class))].sort()).toEqual(classes.sort());
  });

  test.each(cases)("$name computes PyTorch's values and gradients", (c) => {
    replay(c, inline);
  });

  test.each(cases)("$name: another instance takes its state dict", (c) => {
    const exported = new Map<string, unknown>(Object.entries(nn));
    const Class = exported.get(c.class as string) as new (...args: unknown[]) => nn.AnyModule;
    const build = (): nn.AnyModule =>
      new Class(...constructorArguments(c, (v) => decode(v, inline)));
    const [one, other] = [build(), build()];
    expect(Object.keys(one.stateDict())).toEqual(Object.keys(c.state));
    for (const t of Object.values(one.stateDict())) t.fill_(3);
    other.loadStateDict(one.stateDict());
    for (const t of Object.values(other.stateDict()))
      expect(t.dataSync().every((x) => Number(x) === (t.dtype === "int64" ? 0 : 3))).toBe(true);
  });
});
