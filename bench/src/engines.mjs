// Runs the programs of the engines and gathers what they print.
import { spawnSync } from "node:child_process";

const programs = {
  Tead: "tead.mjs",
  PyTorch: "pytorch.py",
  "tfjs wasm": "tfjs-wasm.mjs",
  "jax-js wasm": "jax-js.mjs",
  "ONNX Runtime Web": "onnxruntime-web.mjs",
};

/** Ours first: the others are compared with it. */
export const engineNames = Object.keys(programs);

const lastError = (stderr) =>
  stderr
    .split("\n")
    .findLast((line) => /^\w*(Error|Exception)\b/.test(line.trim()))
    ?.trim();

/** Runs an engine's program once: what it printed about each row, and why it died if it did. */
function runOnce(name, { program, threads, names }) {
  const path = new URL(`./engines/${programs[name]}`, import.meta.url).pathname;
  const { stdout, stderr, signal, status, error } = spawnSync(program, [path, threads, ...names], {
    encoding: "utf8",
    env: { ...process.env, OMP_NUM_THREADS: threads, OPENBLAS_NUM_THREADS: threads },
    timeout: 600_000,
    maxBuffer: 1 << 26,
  });
  const lines = (stdout ?? "").split("\n").filter((line) => line.startsWith('{"row"'));
  const death = error?.message ?? signal ?? lastError(stderr) ?? `the process ended with ${status}`;
  return { results: lines.map((line) => JSON.parse(line)), death };
}

/**
 * Runs one engine on the rows. Where its process dies, the rows after the one that killed it get a process of their own.
 * @param name - one of `engineNames`
 * @param options - `program` to run it with, `threads` and `names` of rows
 * @returns { times, failures }: { ms, median } by row, and { row, reason } for each row without
 */
export function runEngine(name, { program, threads, names }) {
  const [times, failures] = [{}, []];
  let left = names;
  while (left.length > 0) {
    const { results, death } = runOnce(name, { program, threads, names: left });
    for (const { row, error: reason, ...time } of results) {
      if (reason === undefined) times[row] = time;
      else failures.push({ row, reason });
    }
    left = left.slice(results.length);
    if (left.length === 0) break;
    // A program that does not start will not start for the other rows either.
    const dead = results.length === 0 && left.length === names.length ? left.length : 1;
    failures.push(...left.slice(0, dead).map((row) => ({ row, reason: death })));
    left = left.slice(dead);
  }
  return { times, failures };
}
