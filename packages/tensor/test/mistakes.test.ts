import { resolve } from "node:path";
import ts from "typescript";
import { beforeAll, expect, test } from "vitest";

// Each snippet is a module of its own; all are checked in one program.
const snippets = {
  right: `
    const twice: Fusable<"twice", readonly ["input", "factor"], NoAttrs> = defineFusable("twice", {
      inputs: ["input", "factor"],
      saves: ["factor"],
      infer: ([input]): [TensorSpec] => [input],
      gradient: ({ grads: [g], factor }) => [g.mul(factor), undefined],
      decompose: ([input, factor]) => [input.mul(factor)],
    });
    dispatch(twice, [zeros([2]), 3], {});
    const kernels: Kernels = { ...referenceKernels(), softmax: (call) => { call.attrs.dim; } };`,
  "a backend without a primitive's kernel": `
    const { matmul, ...rest } = referenceKernels();
    const kernels: Kernels = rest;`,
  "a kernel that reads an attribute which its op has not": `
    const kernels: Kernels = { ...referenceKernels(), softmax: (call) => { call.attrs.axis; } };`,
  "a kernel under a name that no op has": `
    const kernels: Kernels = { ...referenceKernels(), softmaxx: () => {} };`,
  "a gradient with too few entries": `
    defineFusable("two", {
      inputs: ["a", "b"],
      infer: ([a]: readonly [OperandSpec, OperandSpec], _: NoAttrs): [TensorSpec] => [a],
      gradient: ({ grads: [g] }) => [g],
      decompose: ([a, b]) => [a.add(b)],
    });`,
  "a gradient that reads what it did not save": `
    defineFusable("square2", {
      inputs: ["input"],
      infer: ([input]: readonly [OperandSpec], _: NoAttrs): [TensorSpec] => [input],
      gradient: ({ grads: [g], input }) => [g.mul(input)],
      decompose: ([x]) => [x.mul(x)],
    });`,
  "saves with a name that is no operand and no output": `
    defineFusable("square3", {
      inputs: ["input"],
      saves: ["inptu"],
      infer: ([input]: readonly [OperandSpec], _: NoAttrs): [TensorSpec] => [input],
      gradient: ({ grads: [g] }) => [g],
      decompose: ([x]) => [x.mul(x)],
    });`,
  "a fusable op without a decomposition": `
    defineFusable("nothing", {
      inputs: ["input"],
      infer: ([input]: readonly [OperandSpec], _: NoAttrs): [TensorSpec] => [input],
      gradient: ({ grads: [g] }) => [g],
    });`,
  "a dispatch with too few inputs": `dispatch(ops.addOp, [zeros([2])], {});`,
  "a dispatch with too many inputs": `dispatch(ops.negOp, [zeros([2]), 1], {});`,
  "a dispatch without an attribute": `dispatch(ops.softmaxOp, [zeros([2])], {});`,
  "a list where one tensor belongs": `dispatch(ops.negOp, [[zeros([2])]], {});`,
} as const;

const head = `
import { defineFusable, dispatch, ops, zeros } from "@tead/tensor";
import type { Fusable, Kernels, OperandSpec, TensorSpec } from "@tead/tensor";
import { referenceKernels } from "@tead/tensor/kernel-kit";
type NoAttrs = Readonly<Record<never, never>>;
export {};
`;

const root = resolve(import.meta.dirname, "../../..");
const found = new Map<string, string[]>();

beforeAll(() => {
  const { config } = ts.readConfigFile(resolve(root, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const names = Object.keys(snippets);
  const fileOf = (i: number): string => resolve(root, `packages/tensor/test/snippet-${i}.ts`);
  const sources = new Map(names.map((name, i) => [fileOf(i), head + snippets[name as "right"]]));
  const checked = { ...options, noEmit: true, declaration: false, isolatedDeclarations: false };
  const host = ts.createCompilerHost(checked);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (path) => sources.has(path) || fileExists(path);
  host.readFile = (path) => sources.get(path) ?? readFile(path);
  host.getSourceFile = (path, version, ...rest) => {
    const text = sources.get(path);
    if (text === undefined) return getSourceFile(path, version, ...rest);
    return ts.createSourceFile(path, text, version);
  };
  const program = ts.createProgram([...sources.keys()], checked, host);
  names.forEach((name, i) => {
    const problems = program.getSemanticDiagnostics(program.getSourceFile(fileOf(i)));
    found.set(
      name,
      problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n")),
    );
  });
}, 120_000);

test("right code compiles", () => expect(found.get("right")).toEqual([]));

test.each(Object.keys(snippets).filter((name) => name !== "right"))(
  "%s does not compile",
  (name) => {
    expect(found.get(name)?.length).toBeGreaterThan(0);
    // For the reason that the snippet is about, not for a slip in it.
    for (const message of found.get(name) ?? [])
      expect(message).not.toMatch(/Cannot find|implicitly/);
  },
);
