// The digits example: trains a small convolutional network, watches it, evaluates it, saves it.
// `npm start -- --help` lists its options.
import "@tead/autograd";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cpu } from "@tead/backend-cpu";
import { DataLoader } from "@tead/data";
import { LeNet5 } from "@tead/models";
import { SGD } from "@tead/optim";
import { encodePng, SummaryWriter } from "@tead/summary/node";
import { defaultGenerator, manualSeed, setDefaultDevice } from "@tead/tensor";
import { type Digits, loadDigits } from "./datasets.ts";
import { confusionText, type Evaluation, evaluate } from "./evaluate.ts";
import { type Options, parseOptions } from "./options.ts";
import { confusionPicture, mistakeSheet } from "./pictures.ts";
import { type Run, restoreRun, saveRun } from "./run-state.ts";
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

function makeRun(options: Options, classCount: number): Run {
  manualSeed(options.seed);
  const model = new LeNet5({ numClasses: classCount });
  const optimizer = new SGD(model.parameters(), { lr: options.lr, momentum: 0.9 });
  const { data, batchSize, seed } = options;
  const epochStart = defaultGenerator().getState();
  return {
    model,
    optimizer,
    position: { epoch: 0, step: 0, globalStep: 0, epochStart },
    settings: { data, "batch-size": batchSize, seed },
  };
}

/** Trains until `epochs` or an interrupt; false if interrupted. */
async function train(
  options: Options,
  digits: Digits,
  run: Run,
  writer: SummaryWriter,
): Promise<boolean> {
  const { batchSize, epochs, logDir } = options;
  const last = join(logDir, "last.safetensors");
  const resumeFrom = options.resume === true ? last : options.resume;
  let resumed = resumeFrom === undefined ? undefined : await restoreRun(resumeFrom, run);
  if (resumed !== undefined) defaultGenerator().setState(resumed);
  const loader = new DataLoader(digits.train, { batchSize, shuffle: true });
  const tests = new DataLoader(digits.test, { batchSize: 200 });
  const shouldStop = watchInterrupt();
  while (run.position.epoch < epochs) {
    const { loss, imagesPerSecond, stopped } = await trainEpoch(run, loader, writer, {
      epochs,
      resumed,
      shouldStop,
    });
    resumed = undefined;
    await saveRun(last, run);
    if (stopped) return false;
    const { accuracy } = await evaluate(run.model, tests, digits.classes.length);
    writer.addScalar("test/accuracy", accuracy, run.position.globalStep);
    console.log(
      `epoch ${run.position.epoch}/${epochs}: loss ${loss.toFixed(4)}, test accuracy ${percent(accuracy)}, ` +
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
  const digits = await loadDigits(options.data, options.dataDir);
  console.log(
    `${digits.train.length} training and ${digits.test.length} test images (${options.data})`,
  );
  const run = makeRun(options, digits.classes.length);
  await using writer = new SummaryWriter(logDir);
  const finished = await train(options, digits, run, writer);
  if (!finished) {
    console.log(
      `Stopped after step ${run.position.globalStep}; go on with: npm start -- --resume (and the same options)`,
    );
    process.exitCode = 130;
    return;
  }
  const tests = new DataLoader(digits.test, { batchSize: 200 });
  const result = await evaluate(run.model, tests, digits.classes.length);
  await report(result, digits, logDir, writer, run.position.globalStep);
  console.log(
    `Test accuracy ${percent(result.accuracy)}. Event log, checkpoint (last.safetensors), confusion.png and ` +
      `mistakes.png are in ${logDir}`,
  );
}

try {
  await main();
} catch (error) {
  // Everything the library throws says what to do; a stack trace would hide it.
  console.error(
    error instanceof Error && process.env["DEBUG"] === undefined ? error.message : error,
  );
  process.exitCode = 1;
}
