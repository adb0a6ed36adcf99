// Files go to a Python with PyTorch and come from it: values, optimizers, schedules, safetensors.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { dtypes, type Tensor, tensor } from "@tead/tensor";
import { load, safeOpen, save, saveFile } from "../../src/node.ts";
import { describeValue } from "../torch/describe.ts";
import {
  optimizerNames,
  optimizerProblem,
  type Problem,
  scheduleNames,
  scheduleProblem,
} from "./problems.ts";
import { ownValues } from "./values.ts";

/** What a round trip saw. */
export interface RoundTrip {
  /** The version of PyTorch. */
  readonly torch: string;
  /** Files that Python wrote and that were read here. */
  readonly readHere: number;
  /** Readings in Python of files that were written here. */
  readonly readThere: number;
  /** What the `weights_only` reader of this PyTorch does not know. */
  readonly unknown: readonly string[];
  /** What this Python has no like of. */
  readonly skipped: readonly string[];
  readonly failures: readonly string[];
}

interface Entry {
  readonly title: string;
  readonly kind: "torch" | "optimizer" | "scheduler" | "safetensors";
  readonly file: string;
  readonly value: unknown;
}

/**
 * Runs it.
 *
 * @param python - A Python with PyTorch, and with the safetensors package or without.
 * @param script - tools/fixtures/checkpoint_roundtrip.py.
 * @param folder - An empty folder.
 */
export async function roundTrip(
  python: string,
  script: string,
  folder: string,
): Promise<RoundTrip> {
  const [there, here] = [join(folder, "there"), join(folder, "here")];
  for (const each of [there, here]) mkdirSync(each);
  const run = (task: string, where: string): string =>
    execFileSync(python, [script, task, where], { encoding: "utf8", maxBuffer: 2 ** 26 });
  run("write", there);
  const { torch, files }: { torch: string; files: Entry[] } = JSON.parse(
    readFileSync(join(there, "index.json"), "utf8"),
  );
  const saver = new Saver(here);
  const failures: string[] = [];
  for (const entry of files) {
    const problem = await differenceHere(entry, join(there, entry.file), saver).catch(String);
    if (problem !== undefined) failures.push(`read here: ${entry.kind} ${entry.title}: ${problem}`);
  }
  await saveOwn(saver);
  saver.writeIndex();
  const seen = JSON.parse(run("check", here)) as {
    readings: number;
    failures: string[];
    unknown: string[];
    skipped: string[];
  };
  const { unknown, skipped, readings: readThere } = seen;
  failures.push(...seen.failures.map((each) => `read in Python: ${each}`));
  return { torch, readHere: files.length, readThere, unknown, skipped, failures };
}

/** What was saved here, for Python to check. */
class Saver {
  readonly #folder: string;
  readonly #index: Entry[] = [];
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Where to save what reads as `value`. */
  add(kind: Entry["kind"], title: string, value: unknown): string {
    const file = `${this.#index.length}.${kind === "safetensors" ? "safetensors" : "pt"}`;
    this.#index.push({ title, kind, file, value });
    return join(this.#folder, file);
  }
  writeIndex(): void {
    writeFileSync(join(this.#folder, "index.json"), JSON.stringify({ files: this.#index }));
  }
}

const problemOf = ({ kind, title }: Pick<Entry, "kind" | "title">): Problem =>
  kind === "optimizer" ? optimizerProblem(title) : scheduleProblem(title);

/** Reads a file of Python's; saves what it holds again. */
async function differenceHere(
  { kind, title, value }: Entry,
  path: string,
  saver: Saver,
): Promise<string | undefined> {
  if (kind === "safetensors") return safetensorsDifference(path, value, saver);
  const read = await load<object>(path);
  if (kind === "torch") {
    // No weights_only reader takes integers of so many bytes.
    if (!title.includes("258 bytes")) await save(read, saver.add(kind, `again: ${title}`, value));
    return equal(describeValue(read), value) ? undefined : "another value";
  }
  const problem = problemOf({ kind, title });
  problem.load(read as never);
  await problem.step();
  const [numbers, expected] = [problem.numbers(), value as number[]];
  const near = numbers.every(
    (number, i) => Math.abs(number - expected[i]!) <= 1e-12 * Math.max(1, Math.abs(expected[i]!)),
  );
  return near ? undefined : `goes on to ${numbers}, expected ${expected}`;
}

async function safetensorsDifference(
  path: string,
  expected: unknown,
  saver: Saver,
): Promise<string | undefined> {
  await using file = await safeOpen(path);
  const tensors: Record<string, Tensor> = {};
  for (const name of file.keys()) tensors[name] = await file.getTensor(name);
  const metadata = file.metadata();
  await saveFile(tensors, saver.add("safetensors", "again", expected), { metadata });
  const found = { tensors: tensorWords(tensors), metadata };
  return equal(found, expected) ? undefined : "other tensors or metadata";
}

const tensorWords = (tensors: Readonly<Record<string, Tensor>>): object =>
  Object.fromEntries(Object.entries(tensors).map(([name, each]) => [name, describeValue(each)]));

/** Equal as JSON, whatever the order of keys. */
function equal(a: unknown, b: unknown): boolean {
  const sorted = (_: string, value: unknown): unknown =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([x], [y]) => (x < y ? -1 : 1)))
      : value;
  return JSON.stringify(a, sorted) === JSON.stringify(b, sorted);
}

async function saveOwn(saver: Saver): Promise<void> {
  for (const [title, value] of ownValues())
    await save(value, saver.add("torch", title, describeValue(value)));
  for (const [kind, names] of [
    ["optimizer", optimizerNames],
    ["scheduler", scheduleNames],
  ] as const)
    for (const title of names) {
      const problem = problemOf({ kind, title });
      for (let i = 0; i < 3; i++) await problem.step();
      const numbers: number[] = [];
      await save(problem.state(), saver.add(kind, title, numbers));
      await problem.step();
      numbers.push(...problem.numbers());
    }
  const tensors = Object.fromEntries(dtypes.map((dtype) => [`${dtype}é`, tensor(1, { dtype })]));
  const metadata = { format: "pt", 'a "b"': "größer" };
  const words = { tensors: tensorWords(tensors), metadata };
  await saveFile(tensors, saver.add("safetensors", "own", words), { metadata });
}
