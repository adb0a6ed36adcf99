// The torture run of the readers: mutants of sound files, each of which must give an error of ours
// or a correct load, at once and in bounded memory.
import { existsSync, readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { CheckpointError, deserialize, load } from "../../src/index.ts";
import { describeValue } from "../torch/describe.ts";
import { type Mutant, mutate } from "./mutate.ts";
import { Draws } from "./random.ts";

/** What a run saw. */
export interface Report {
  files: number;
  /** How many were refused, and how many loaded. */
  refused: number;
  loaded: number;
  slowestMs: number;
  /** The most memory that one took beyond twice its size, in bytes. */
  mostGrowth: number;
  /** What must not be: with the number of the mutant, from which the seed gives it again. */
  failures: string[];
}

/** What one file may take, beside twice its size. */
const growthLimit = 16 * 2 ** 20;
const timeLimitMs = 1000;

interface Sound {
  readonly title: string;
  readonly bytes: Uint8Array;
  readonly torch: boolean;
  readonly words: string;
}

type Files = readonly { readonly title: string; readonly file: string }[];

async function soundFiles(folder: URL): Promise<Sound[]> {
  const read = (name: string): { files?: Files; written?: Files } =>
    JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8"));
  const decode = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "base64"));
  const sound: Sound[] = [];
  for (const { title, file } of ["torch", "torch2"].flatMap((name) => read(name).files ?? [])) {
    const words = JSON.stringify(describeValue(await load(decode(file))));
    sound.push({ title, bytes: decode(file), torch: true, words });
  }
  for (const { title, file } of read("safetensors").written ?? [])
    sound.push({ title, bytes: decode(file), torch: false, words: "" });
  return sound;
}

/** The collector, whatever flags Node was started with. */
function exposedGc(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}

const memory = (): number => {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

/**
 * Runs `count` mutants.
 *
 * @param folder - Where the fixtures are.
 * @param seed - Gives the same mutants again.
 * @param collectEvery - After how many files garbage is collected: 1 shows the most.
 */
export async function torture(
  folder: URL,
  count: number,
  seed: number,
  collectEvery = 1,
): Promise<Report> {
  const sound = await soundFiles(folder);
  const draws = new Draws(seed);
  const gc = exposedGc();
  const report: Report = {
    files: 0,
    refused: 0,
    loaded: 0,
    slowestMs: 0,
    mostGrowth: 0,
    failures: [],
  };
  for (; report.files < count; report.files++) {
    const original = draws.pick(sound);
    const mutant = mutate(original.bytes, draws);
    if (report.files % collectEvery === 0) gc();
    await runOne(report, original, mutant);
  }
  if (existsSync("/tmp/tead-hostile")) report.failures.push("a file was executed");
  return report;
}

async function runOne(
  report: Report,
  original: Sound,
  { kind, bytes, checked }: Mutant,
): Promise<void> {
  const fail = (what: string): void =>
    void report.failures.push(`${report.files}: ${kind} of ${original.title}: ${what}`);
  const start = performance.now();
  const cpuBefore = process.cpuUsage();
  const before = memory();
  let words: string | undefined;
  let after = before;
  try {
    const value = original.torch ? await load(bytes) : deserialize(bytes);
    after = memory();
    report.loaded++;
    // Lists in lists have more words than there is memory for.
    if (checked) words = JSON.stringify(describeValue(value));
  } catch (error) {
    after = memory();
    report.refused++;
    if (!(error instanceof CheckpointError)) fail(`expected an error of ours, received ${error}`);
  }
  // On a busy machine the clock runs while others do.
  const { user, system } = process.cpuUsage(cpuBefore);
  const elapsed = Math.min(performance.now() - start, (user + system) / 1000);
  report.slowestMs = Math.max(report.slowestMs, elapsed);
  if (elapsed > timeLimitMs) fail(`took ${Math.round(elapsed)} ms`);
  // What was collected meanwhile does not show; what is left of garbage does.
  const growth = after - before - 2 * bytes.length;
  report.mostGrowth = Math.max(report.mostGrowth, growth);
  if (growth > growthLimit) fail(`took ${growth} bytes beyond twice its ${bytes.length}`);
  if (words !== undefined && words !== original.words) fail("loaded other values than were saved");
}
