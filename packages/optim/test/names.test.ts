// Every public name of torch.optim stands here under its own, or in a list with the reason why not.
import { readFileSync } from "node:fs";
import * as optim from "@tead/optim";
import { expect, test } from "vitest";
import { camelKey } from "../src/keys.ts";

const { names } = JSON.parse(
  readFileSync(new URL("./fixtures/names.json", import.meta.url), "utf8"),
) as { readonly names: Readonly<Record<string, readonly string[]>> };

/** What is left out, and why. */
const leftOut: Readonly<Record<string, string>> = {
  swap_in_optimizer_params_and_state: "for steps on tensors that are no parameters",
};

test.each(Object.entries(names))("%s is whole", (_, listed) => {
  const missing = listed.filter((name) => !(camelKey(name) in optim) && !(name in leftOut));
  expect(missing).toEqual([]);
});

test("nothing that is left out is there", () => {
  for (const name of Object.keys(leftOut)) expect(camelKey(name) in optim).toBe(false);
});
