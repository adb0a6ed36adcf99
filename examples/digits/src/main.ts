// The digits example: trains a small convolutional network, watches it, evaluates it, saves it.
// `npm start -- --help` lists its options.
import "@tead/autograd";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cpu } from "@tead/backend-cpu";
import { DataLoader } from "@tead/data";
import { LeNet5 } from "@tead/models";
import { CosineAnnealingLR, SGD } from "@tead/optim";
import { encodePng, SummaryWriter } from "@tead/summary/node";
import { type Backend, Generator, manualSeed, setDefaultDevice } from "@tead/tensor";
import { type Digits, loadDigits, type Sample } from "./datasets.ts";
import { openDevice } from "./device.ts";
import { confusionText, type Evaluation, evaluate } from "./evaluate.ts";
import { type Options, parseOptions } from "./options.ts";
import { confusionPicture, mistakeSheet } from "./pictures.ts";
import { type Run, removeCheckpoints, resumeRun, saveRun, trainingIn } from "./run-state.ts";
import { trainEpoch } from "./train.ts";

const percent = (share: number): string => `${(100 * share).toFixed(2)}%`;

/** True once Ctrl-C was pressed; a second one ends the process at once. */
function watchInterrupt(): () => boolean {
  let interrupted = false;
  process.once("SIGINT", () => {
    interrupted = true;
  });
  return () => interrupted;
}

/** A run at its beginning. The weights are drawn on the CPU: they are the same on every device. */
function makeRun(options: Options, { train, classes }: Digits, device: Backend): Run {
  const { data, epochs, batchSize, lr, seed, logDir } = options;
  manualSeed(seed);
  const model = new LeNet5({ numClasses: classes.length }).to(device);
  const optimizer = new SGD(model.parameters(), { lr, momentum: 0.9 });
  const steps = epochs * Math.ceil(train.length / batchSize);
  const scheduler = new CosineAnnealingLR(optimizer, steps);
  return {
    ...{ model, optimizer, scheduler, device },
    training: trainingIn(logDir, { model, optimizer, scheduler }),
    settings: { data, epochs, "batch-size": batchSize, lr, seed },
  };
}

/** Batches of test images. Their generator is their own, so that testing leaves training's alone. */
function testLoader(digits: Digits): DataLoader<Sample> {
  return new DataLoader(digits.test, { batchSize: 200, generator: new Generator() });
}

/** Trains until the last epoch or an interrupt; false if interrupted. */
async function train(
  { batchSize, epochs }: Options,
  digits: Digits,
  run: Run,
  writer: SummaryWriter,
): Promise<boolean> {
  const loader = new DataLoader(digits.train, { batchSize, shuffle: true });
  const tests = testLoader(digits);
  const shouldStop = watchInterrupt();
  const { training } = run;
  while (training.epoch < epochs) {
    const { loss, imagesPerSecond, stopped } = await trainEpoch(run, loader, writer, {
      epochs,
      shouldStop,
    });
    await saveRun(run);
    if (stopped) return false;
    const { accuracy } = await evaluate(run.model, run.device, tests, digits.classes.length);
    await saveRun(run, accuracy);
    writer.addScalar("test/accuracy", accuracy, training.globalStep);
    console.log(
      `epoch ${training.epoch}/${epochs}: loss ${loss.toFixed(4)}, test accuracy ${percent(accuracy)}, ` +
        `${Math.round(imagesPerSecond)} images/s`,
    );
  }
  return true;
}

/** Writes the confusion matrix and the mistakes as pictures, to files and to the event log. */
async function report(
  result: Evaluation,
  digits: Digits,
  logDir: string,
  writer: SummaryWriter,
  step: number,
): Promise<void> {
  const pictures = {
    confusion: confusionPicture(result.confusion),
    mistakes: mistakeSheet(result.mistakes),
  };
  for (const [name, image] of Object.entries(pictures)) {
    writer.addImage(`test/${name}`, image, step);
    await writeFile(join(logDir, `${name}.png`), await encodePng(image));
  }
  console.log(
    `\nConfusion matrix, rows are true classes:\n${confusionText(result.confusion, digits.classes)}\n`,
  );
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  const { logDir } = options;
  setDefaultDevice(cpu());
  await mkdir(logDir, { recursive: true });
  using opened = await openDevice(options.device);
  const digits = await loadDigits(options.data, options.dataDir);
  console.log(
    `${digits.train.length} training and ${digits.test.length} test images (${options.data}), on ${options.device}`,
  );
  const run = makeRun(options, digits, opened.device);
  const { resume } = options;
  if (resume === undefined) await removeCheckpoints(logDir);
  else await resumeRun(run, logDir, resume === true ? undefined : resume);
  const purgeStep = resume === undefined ? undefined : run.training.globalStep + 1;
  await using writer = new SummaryWriter(logDir, { purgeStep });
  const finished = await train(options, digits, run, writer);
  if (!finished) {
    console.log(
      `Stopped after step ${run.training.globalStep}; go on with npm start -- --resume and the same options`,
    );
    process.exitCode = 130;
    return;
  }
  const result = await evaluate(run.model, run.device, testLoader(digits), digits.classes.length);
  await report(result, digits, logDir, writer, run.training.globalStep);
  console.log(
    `Test accuracy ${percent(result.accuracy)}. Event log, checkpoints, confusion.png and mistakes.png are in ${logDir}`,
  );
}

try {
  await main();
} catch (error) {
  // Everything the library throws says what to do; a stack trace would hide it.
  console.error(error instanceof Error && process.env.DEBUG === undefined ? error.message : error);
  process.exitCode = 1;
}
