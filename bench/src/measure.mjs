// What every engine's program shares: it times the tasks it is given and prints one line of JSON.
import { Bench } from "tinybench";

/** Runs `tasks` by name ({ work, before }) and prints the median time of each in milliseconds. */
export async function measure(tasks) {
  const wanted = process.argv.slice(2);
  const results = {};
  for (const [name, make] of Object.entries(tasks)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const { work, inner = 1 } = await make();
    const bench = new Bench({ time: 1500, warmupTime: 600, iterations: 5, warmupIterations: 3 });
    bench.add(name, work);
    await bench.run();
    const [task] = bench.tasks;
    if (task.result.error) throw task.result.error;
    results[name] = task.result.latency.p50 / inner;
  }
  process.stdout.write(`${JSON.stringify(results)}\n`);
}

/** The tutorial's network: layers as [kind, in, out], the same for every engine. */
export const tutorialLayers = {
  convolutions: [3, 32, 32, 64],
  hidden: 64,
  classes: 10,
  batch: 64,
  size: 32,
};
