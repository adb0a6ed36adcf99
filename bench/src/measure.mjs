// What every engine's program of JavaScript shares. It is started with a number of threads and names of rows, and
// prints a line of JSON for each row: the time of its fastest run and the median in ms, or why there is none.
import { setTimeout as sleep } from "node:timers/promises";
import { Bench } from "tinybench";
import { notWritten } from "./rows.mjs";

const [threadCount, ...wanted] = process.argv.slice(2);

/** How many threads to use. */
export const threads = Number(threadCount);

const print = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

/**
 * Times the rows that were asked for.
 * @param tasks - by row: a function that prepares { work, inner, close }, where `work` does it `inner` times (1 unless
 *   said), or the reason why this engine cannot
 */
export async function measure(tasks) {
  for (const row of wanted) {
    try {
      const task = tasks[row] ?? notWritten;
      print(
        typeof task === "string" ? { row, error: task } : { row, ...(await time(await task())) },
      );
    } catch (error) {
      print({ row, error: error.message });
    }
  }
  // Workers of some engines would keep the process alive.
  process.exit(0);
}

async function time({ work, inner = 1, close }) {
  const start = performance.now();
  await work();
  const isSlow = performance.now() - start > 1000;
  await sleep(50); // threads start here
  const few = { iterations: 2, warmup: false };
  // A second: until then engines of JavaScript still run code that they go on to optimize.
  const many = { iterations: 3, warmupTime: 1000, warmupIterations: 1 };
  const bench = new Bench({ time: 500, ...(isSlow ? few : many) });
  bench.add("work", work);
  const [task] = await bench.run();
  await close?.();
  if (task.result.error) throw task.result.error;
  const { min, p50 } = task.result.latency;
  return { ms: min / inner, median: p50 / inner };
}
