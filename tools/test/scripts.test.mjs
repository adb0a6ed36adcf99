// The small parts of the scripts: reading examples out of docs, counting tests.
import { expect, test } from "vitest";
import { countTests } from "../count-tests.mjs";
import { markdownExamples, sourceExamples } from "../doc-examples.mjs";

const fence = "```";

test("an @example is found at its own line, fenced or bare", () => {
  const fenced = `/**\n * Adds.\n * @example\n * ${fence}ts\n * add(1, 2);\n * ${fence}\n */`;
  expect(sourceExamples(fenced)).toMatchObject([{ line: 5, code: "add(1, 2);\n" }]);
  const bare = "let a;\n/**\n * @example\n * add(1, 2);\n * @see b\n */";
  expect(sourceExamples(bare)[0].line).toBe(4);
  expect(sourceExamples(bare)[0].code.trim()).toBe("add(1, 2);");
});

test("an @example keeps the import of a scoped package", () => {
  const text = '/** @example\n * import "@tead/nn";\n * @throws never */';
  expect(sourceExamples(text)[0].code.trim()).toBe('import "@tead/nn";');
});

test("an @example without code is an error", () => {
  expect(() => sourceExamples("/** @example */")).toThrow("line 1: Cannot run the @example");
});

test("a block of markdown continues the one before, at its own line", () => {
  const text = `${fence}ts\nlet a = 1;\n${fence}\ntext\n${fence}ts continue\na++;\n${fence}\n`;
  const [example, ...rest] = markdownExamples(text);
  expect(rest).toEqual([]);
  expect(example.code.split("\n")).toEqual(["let a = 1;", "", "", "", "a++;", ""]);
});

test("blocks of other languages are no examples, unknown words after ts are an error", () => {
  expect(markdownExamples(`${fence}text\nlet a;\n${fence}\n`)).toEqual([]);
  expect(() => markdownExamples(`${fence}ts skip\nlet a;\n${fence}\n`)).toThrow('fence "ts skip"');
});

test("a file that fails to load counts as a failure beside the failed tests", () => {
  const report = {
    numPassedTests: 7,
    numFailedTests: 1,
    numPendingTests: 2,
    testResults: [
      { status: "failed", assertionResults: [{ status: "failed" }] },
      { status: "failed", assertionResults: [] },
      { status: "passed", assertionResults: [{ status: "passed" }] },
    ],
  };
  expect(countTests(report)).toBe("7 passed, 2 failed, 2 skipped");
});
