// The check of single files, on texts made up for it.
import { expect, test } from "vitest";
import { fileProblems } from "../check-files.mjs";

const lines = (count) => `// Header.\n${"let a;\n".repeat(count - 1)}`;

test("500 lines pass, 501 do not", () => {
  expect(fileProblems("a.ts", lines(500)).errors).toEqual([]);
  expect(fileProblems("a.ts", lines(501)).errors).toEqual([
    "a.ts: Cannot have 501 lines: expected 500 at most",
  ]);
});

test("more than 300 lines are told", () => {
  expect(fileProblems("a.ts", lines(300)).warnings).toEqual([]);
  expect(fileProblems("a.ts", lines(301)).warnings).toHaveLength(1);
});

test("a source opens with a comment", () => {
  expect(fileProblems("a.ts", "let a;\n".repeat(4)).errors.join()).toContain("without a comment");
  expect(fileProblems("a.test.ts", "let a;\n".repeat(4)).errors).toEqual([]);
});

test("paths of one machine are found, in every kind of file", () => {
  const home = ["", "home", "ada", "tead"].join("/");
  const beside = ["..", "shared", "parity"].join("/");
  expect(fileProblems("a.md", `see ${home}`).errors.join()).toContain(`a path of one machine`);
  expect(fileProblems("a.sh", `cd "${beside}"`).errors).toHaveLength(1);
  expect(fileProblems("a.md", "see docs/home/page.md and @tead/data/node").errors).toEqual([]);
});
