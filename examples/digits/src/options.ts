// The command line of the digits example.
import { Command, InvalidArgumentError, Option } from "commander";

/** Where the digits come from. */
export type DataSource = "synthetic" | "mnist" | "folder";

/** What computes: this machine's processor or its GPU. */
export type DeviceName = "cpu" | "webgpu";

/** What the command line says. */
export interface Options {
  readonly data: DataSource;
  readonly dataDir: string;
  readonly epochs: number;
  readonly batchSize: number;
  readonly lr: number;
  readonly seed: number;
  readonly device: DeviceName;
  readonly logDir: string;
  /** The checkpoint to go on from; `true` for the newest one in `logDir`. */
  readonly resume?: string | true;
}

function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError("expected a positive integer");
  return value;
}

function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value)))
    throw new InvalidArgumentError("expected a positive number");
  return value;
}

function seedNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff)
    throw new InvalidArgumentError("expected an integer from 0 to 4294967295");
  return value;
}

/** The options in `argv`. Prints the help, or what is wrong, and ends the process where asked to. */
export function parseOptions(argv: readonly string[]): Options {
  const program = new Command("npm start --")
    .description("Train a convolutional network on handwritten digits.")
    .addOption(
      new Option("--data <source>", "where the digits come from")
        .choices(["synthetic", "mnist", "folder"])
        .default("synthetic", "synthetic: drawn by a program, nothing to download"),
    )
    .option(
      "--data-dir <folder>",
      "mnist: its IDX files, downloaded if missing; folder: train/<class>/*.png, test/<class>/*.png",
      "data",
    )
    .option("--epochs <n>", "passes over the training set", positiveInteger, 3)
    .option("--batch-size <n>", "samples a step", positiveInteger, 64)
    .option(
      "--lr <rate>",
      "first learning rate of SGD with momentum 0.9; it falls to 0 by a cosine",
      positiveNumber,
      0.05,
    )
    .option("--seed <n>", "seed of weights and shuffling", seedNumber, 0)
    .addOption(
      new Option("--device <name>", "where to compute; webgpu needs a GPU with a driver")
        .choices(["cpu", "webgpu"])
        .default("cpu"),
    )
    .option("--log-dir <folder>", "event log, checkpoints and pictures", "runs/digits")
    .option("--resume [checkpoint]", "go on from a checkpoint, or from the newest one in --log-dir")
    .helpOption("-h, --help", "show this text")
    .allowExcessArguments(false);
  return program.parse(argv, { from: "user" }).opts<Options>();
}
