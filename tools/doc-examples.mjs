// Finds the examples of the docs and hands them to vitest as modules: every `@example` of a TSDoc comment under
// packages/*/src and every ```ts block of the READMEs and of docs/. A block runs alone, unless its fence says
// "ts continue" (it goes on from the block before) or "ts no-run" (its types are checked, it is not executed).
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fromRoot, root, walk } from "./workspace.mjs";

const fence = /^(\s*)```ts\b([^\n]*)\n([\s\S]*?)^\s*```\s*$/gm;

const lineAt = (text, index) => text.slice(0, index).split("\n").length;

/** The ```ts blocks of a text, as `{ line, info, code }`; `line` is where the code begins. */
export function tsBlocks(text) {
  return [...text.matchAll(fence)].map((match) => ({
    line: lineAt(text, match.index) + 1,
    info: match[2].trim(),
    code: match[3],
  }));
}

/** The examples of a markdown text: blocks, with those that continue joined to the one before. */
export function markdownExamples(text) {
  const examples = [];
  for (const { line, info, code } of tsBlocks(text)) {
    const before = examples.at(-1);
    if (info === "continue" && before !== undefined) {
      const gap = line - (before.line + before.code.split("\n").length - 1);
      before.code += "\n".repeat(Math.max(0, gap)) + code;
      continue;
    }
    if (info !== "" && info !== "no-run") {
      throw new Error(
        `line ${line - 1}: Cannot read the fence "ts ${info}": expected "ts", "ts continue" or "ts no-run"`,
      );
    }
    examples.push({ line, code, run: info !== "no-run" });
  }
  return examples;
}

/** The examples of a TypeScript source: the code after `@example` in its doc comments, fenced or bare. */
export function sourceExamples(text) {
  const examples = [];
  for (const comment of text.matchAll(/\/\*\*[\s\S]*?\*\//g)) {
    const first = lineAt(text, comment.index);
    // Every line keeps its place; only the comment's own marks go.
    const body = comment[0]
      .replace(/\*\/$/, "")
      .split("\n")
      .map((line) => line.replace(/^\s*\/?\*+ ?/, ""))
      .join("\n");
    for (const section of body.matchAll(/^@example\b[\s\S]*?(?=^@(?!tead)\w|(?![\s\S]))/gm)) {
      const start = first + lineAt(body, section.index) - 1;
      // As in TypeDoc, an example without a fence is code as a whole.
      const [, ...bare] = section[0].split("\n");
      const blocks = section[0].includes("```")
        ? tsBlocks(section[0])
        : [{ line: 2, info: "", code: bare.join("\n") }];
      if (blocks.length === 0 || blocks.some(({ code }) => code.trim() === "")) {
        throw new Error(
          `line ${start}: Cannot run the @example: expected code or a \`\`\`ts block`,
        );
      }
      for (const { line, code, info } of blocks) {
        if (info !== "") {
          throw new Error(
            `line ${start}: Cannot skip the @example: expected a plain \`\`\`ts fence`,
          );
        }
        examples.push({ line: start + line - 1, code, run: true });
      }
    }
  }
  return examples;
}

/** All examples of the repository: `{ file, line, code, run }`, `file` relative to the root. */
export function collectExamples() {
  const sources = walk(join(root, "packages"), (path) => /\/src\/.*(?<!\.d)\.ts$/.test(path));
  const pages = [
    join(root, "README.md"),
    ...walk(join(root, "packages"), (path) => path.endsWith("README.md")),
    ...walk(join(root, "examples"), (path) => path.endsWith("README.md")),
    ...walk(join(root, "docs"), (path) => path.endsWith(".md") && !path.includes("/api/")),
  ];
  const read = (file, examplesOf) => {
    try {
      return examplesOf(readFileSync(file, "utf8")).map((each) => ({
        file: fromRoot(file),
        ...each,
      }));
    } catch (error) {
      if (error.code === "ENOENT") return [];
      throw new Error(`${fromRoot(file)}: ${error.message}`);
    }
  };
  return [
    ...sources.flatMap((file) => read(file, sourceExamples)),
    ...pages.flatMap((file) => read(file, markdownExamples)),
  ];
}

/** The example as a module whose lines stand where they stand in the docs. */
export const moduleOf = ({ line, code }) => `${"\n".repeat(line - 1)}${code}\nexport {};\n`;

/** A name for the module that tells where the example comes from. */
export const moduleName = ({ file, line }) => `${file}.example-${line}.ts`;

/** The vite plugin behind `virtual:doc-examples`: a list of `{ file, line, load }`. */
export function docExamples() {
  const prefix = join(root, "virtual-examples/");
  let examples = [];
  return {
    name: "doc-examples",
    enforce: "pre",
    resolveId(id) {
      if (id === "virtual:doc-examples") return "\0doc-examples";
      return id.startsWith(prefix) ? id : undefined;
    },
    load(id) {
      if (id === "\0doc-examples") {
        examples = collectExamples().filter(({ run }) => run);
        const items = examples.map((example) => {
          const { file, line } = example;
          const module = JSON.stringify(prefix + moduleName(example));
          return `{ file: ${JSON.stringify(file)}, line: ${line}, load: () => import(${module}) }`;
        });
        return `export const examples = [${items.join(",\n")}];`;
      }
      const found = examples.find((example) => prefix + moduleName(example) === id);
      return found === undefined ? undefined : moduleOf(found);
    },
  };
}
