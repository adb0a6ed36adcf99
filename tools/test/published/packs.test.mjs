// The tarballs, installed by npm in an empty folder: a program runs in plain ESM and compiles in TypeScript.
import { expect, test } from "vitest";
import { checkPacks } from "../../check-packs.mjs";

test("a program written against the tarballs runs, and compiles as nodenext and as bundler", () => {
  expect(checkPacks()).toMatch(/^XOR learnt, loss 0\.\d+\nThe same product on 2 threads: true\n$/);
});
