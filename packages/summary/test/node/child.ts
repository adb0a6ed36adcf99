// Programs that end in ways which a test cannot: by exit, by a signal, on a full disk.
import { setImmediate } from "node:timers/promises";
import { SummaryWriter } from "@tead/summary/node";

const [mode, folder] = process.argv.slice(2);

if (mode === "exit") {
  const writer = new SummaryWriter(folder);
  for (let step = 0; step < 25; step++) writer.addScalar("a", step, step);
  process.exit(3);
}

if (mode === "forever") {
  const writer = new SummaryWriter(folder);
  for (let step = 0; ; step++) {
    writer.addScalar("a", step, step);
    if (step % 10 === 0) await setImmediate();
  }
}

if (mode === "full") {
  const writer = new SummaryWriter(folder, { maxQueue: 5 });
  try {
    for (let step = 0; step < 1000; step++) {
      writer.addScalar("a", step, step);
      if (step % 5 === 0) await writer.flush();
    }
  } catch (error) {
    process.stdout.write(`${(error as Error).message}\n`);
  }
  await writer.close().catch((error: Error) => process.stdout.write(`${error.message}\n`));
}
