import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join, relative } from "node:path";
import { FileFormatError } from "@tead/transforms/image";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { bundleToFile } from "../../../../tools/bundle.mjs";
import { SummaryWriter } from "../../src/node.ts";
import { fixture } from "../fixture.ts";
import { eventsOf } from "../read-records.ts";
import type { DecodedEvent } from "../tensorboard-messages.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tead-summary-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const files = (path = folder): string[] =>
  readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(path, entry.name))
    .sort();
const eventsIn = (path = folder): DecodedEvent[] =>
  files(path).flatMap((file) => eventsOf(readFileSync(file)));
const valuesIn = (path = folder): number[] =>
  eventsIn(path).flatMap((event) => event.summary?.value.map((v) => v.simple_value) ?? []);

describe("SummaryWriter", () => {
  it("names files as TensorBoard expects them", async () => {
    const before = Math.floor(Date.now() / 1000);
    await new SummaryWriter(folder, { filenameSuffix: ".mine" }).close();
    const [path] = files();
    const pattern = /^events\.out\.tfevents\.(\d{10})\.(.+)\.(\d+)\.\d+\.mine$/;
    const [, seconds, host, pid] = pattern.exec(relative(folder, path!))!;
    expect([host, Number(pid)]).toEqual([hostname(), process.pid]);
    expect(Number(seconds)).toBeGreaterThanOrEqual(before);
    expect(Number(seconds)).toBeLessThanOrEqual(Date.now() / 1000);
  });

  it("writes the runs that PyTorch writes", async () => {
    const writer = new SummaryWriter(folder, { purgeStep: 5 });
    const { walltime } = fixture;
    writer.addScalar("x", 1, 5, { walltime });
    writer.addScalars("loss/both", { train: 1, test: 2 }, 6, { walltime });
    await writer.close();
    const runs = Object.keys(fixture.runs);
    expect(["."].concat(readdirSync(folder).filter((name) => !name.includes("tfevents")))).toEqual(
      runs,
    );
    for (const run of runs) {
      // PyTorch repeats the version in front of the purge; and it purges the main run only.
      const expected = fixture.runs[run]!.events.filter(
        ({ what, step }) => what !== "file_version" || step === 0,
      );
      const actual = eventsIn(join(folder, run)).filter(
        ({ what }) => run === "." || what !== "session_log",
      );
      expect(actual.map(({ what, step }) => [what, step])).toEqual(
        expected.map(({ what, step }) => [what, step]),
      );
      const tags = (events: DecodedEvent[]) => events.at(-1)!.summary!.value[0]!.tag;
      expect(tags(actual)).toBe(expected.at(-1)!.tag);
    }
  });

  it("makes up a folder from date, host and comment", async () => {
    const cwd = process.cwd();
    process.chdir(folder);
    try {
      const writer = new SummaryWriter(undefined, { comment: "_lr0.1" });
      await writer.close();
      const month = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec";
      const name = `^runs/(${month})\\d\\d_\\d\\d-\\d\\d-\\d\\d_${hostname()}_lr0\\.1$`;
      expect(writer.logDir).toMatch(new RegExp(name));
      expect(eventsIn(writer.logDir)).toHaveLength(1);
    } finally {
      process.chdir(cwd);
    }
  });

  it("writes when maxQueue events wait", async () => {
    const writer = new SummaryWriter(folder, { maxQueue: 4 });
    await writer.flush();
    for (let step = 0; step < 3; step++) writer.addScalar("a", step, step);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(valuesIn()).toEqual([]);
    writer.addScalar("a", 3, 3);
    await expect.poll(() => valuesIn()).toEqual([0, 1, 2, 3]);
    await writer.close();
  });

  it("writes when an event has waited for flushSecs", async () => {
    const writer = new SummaryWriter(folder, { flushSecs: 0.02 });
    await writer.flush();
    writer.addScalar("a", 7);
    await expect.poll(() => valuesIn()).toEqual([7]);
    await writer.close();
  });

  it("keeps 10,000 events of two runs in order", async () => {
    const writer = new SummaryWriter(folder);
    for (let step = 0; step < 5000; step++) {
      writer.addScalar("a", step, step);
      writer.addScalars("b", { c: -step }, step);
      if (step % 1000 === 0) await writer.flush();
    }
    await writer.close();
    expect(valuesIn()).toEqual(Array.from({ length: 5000 }, (_, i) => i));
    expect(valuesIn(join(folder, "b_c"))).toHaveLength(5000);
  });

  it.each([
    [{ maxQueue: 0 }, "SummaryWriter: Cannot use maxQueue=0: expected a positive number"],
    [{ flushSecs: Number.NaN }, "SummaryWriter: Cannot use flushSecs=NaN: expected a positive"],
  ])("refuses %j", (options, message) => {
    expect(() => new SummaryWriter(folder, options)).toThrow(message);
    expect(files()).toEqual([]);
  });

  it("says so when the folder cannot be made", () => {
    writeFileSync(join(folder, "file"), "");
    expect(() => new SummaryWriter(join(folder, "file", "run"))).toThrow(/ENOTDIR/);
  });
});

describe("SummaryWriter with append", () => {
  async function write(value: number, options = {}): Promise<void> {
    await using writer = new SummaryWriter(folder, options);
    writer.addScalar("a", value, value);
    writer.addScalars("b", { c: value }, value);
  }

  it("goes on in the same files, sub-runs included", async () => {
    await write(1);
    await write(2, { append: true });
    expect([files().length, files(join(folder, "b_c")).length]).toEqual([1, 1]);
    expect([valuesIn(), valuesIn(join(folder, "b_c"))]).toEqual([
      [1, 2],
      [1, 2],
    ]);
    expect(eventsIn().filter(({ what }) => what === "file_version")).toHaveLength(1);
  });

  it("begins a file where there is none, and a new one without append", async () => {
    await write(1, { append: true });
    await write(2);
    expect(files()).toHaveLength(2);
    expect(valuesIn().sort()).toEqual([1, 2]);
  });

  it("hides what a crashed run logged after purgeStep", async () => {
    await write(8);
    await write(5, { append: true, purgeStep: 5 });
    const purge = { what: "session_log", step: 5, session_log: { status: "START" } };
    expect(eventsIn()).toMatchObject([{}, { step: 8 }, purge, { step: 5 }]);
    expect(eventsIn(join(folder, "b_c"))).toMatchObject([{}, { step: 8 }, purge, { step: 5 }]);
  });

  it("reports a torn record by file and offset, and goes on after the last whole one", async () => {
    await write(1);
    const [path] = files();
    const whole = readFileSync(path!);
    writeFileSync(path!, Buffer.concat([whole, whole.subarray(0, 21)]));
    const warnings: FileFormatError[] = [];
    await write(2, {
      append: true,
      onWarning: (warning: FileFormatError) => warnings.push(warning),
    });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toBeInstanceOf(FileFormatError);
    expect(warnings[0]).toMatchObject({ file: path, offset: whole.length });
    expect(warnings[0]!.message).toMatch(
      /at byte \d+: expected a record of \d+ bytes, received 21; the log goes on after the last whole record$/,
    );
    expect(readFileSync(path!).subarray(0, whole.length)).toEqual(whole);
    expect(valuesIn()).toEqual([1, 2]);
  });

  it("warns through the process by default", async () => {
    await write(1);
    truncateSync(files()[0]!, 5);
    const emitWarning = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    await write(2, { append: true });
    expect(emitWarning.mock.calls.map(([warning]) => `${warning}`)).toEqual([
      expect.stringMatching(/at byte 0: expected 12 bytes of record header, received 5/),
    ]);
    emitWarning.mockRestore();
    expect(valuesIn()).toEqual([2]);
  });

  it("leaves a file with damage in its middle as it is and begins another", async () => {
    await write(1);
    const [path] = files();
    const bytes = readFileSync(path!);
    bytes[15]! ^= 1;
    writeFileSync(path!, bytes);
    const offsets: number[] = [];
    await write(2, {
      append: true,
      onWarning: ({ offset }: FileFormatError) => offsets.push(offset),
    });
    expect(offsets).toEqual([0]);
    expect(readFileSync(path!)).toEqual(bytes);
    const other = files().find((file) => file !== path);
    expect(eventsOf(readFileSync(other!)).at(-1)).toMatchObject({ what: "summary", step: 2 });
  });
});

describe("SummaryWriter in a process that ends", () => {
  let script: string;
  beforeAll(async () => {
    script = await bundleToFile(new URL("./child.ts", import.meta.url));
  });

  it("writes what waits when the program neither flushes nor closes", () => {
    const { status, stderr } = spawnSync(process.execPath, [script, "exit", folder]);
    expect([status, `${stderr}`]).toEqual([3, ""]);
    expect(valuesIn()).toEqual(Array.from({ length: 25 }, (_, i) => i));
  });

  it("leaves whole records when killed, and the next run goes on behind them", async () => {
    const child = spawn(process.execPath, [script, "forever", folder], { stdio: "ignore" });
    await expect.poll(() => files().some((file) => statSync(file).size > 200_000)).toBe(true);
    child.kill("SIGKILL");
    await once(child, "exit");
    const before = valuesIn(); // throws if a record is torn
    expect(before).toEqual(Array.from(before, (_, i) => i));
    const onWarning = vi.fn();
    const writer = new SummaryWriter(folder, { append: true, onWarning });
    writer.addScalar("a", before.length, before.length);
    await writer.close();
    expect(onWarning).not.toHaveBeenCalled();
    expect(valuesIn()).toEqual([...before, before.length]);
  });

  it("reports a full disk by file and offset, cuts back to whole records, and recovers", () => {
    // The shell's limit on file sizes stands for the disk: 2 blocks of 512 or 1024 bytes.
    const command = 'trap "" XFSZ; ulimit -f 2; exec "$0" "$1" full "$2"';
    const args = ["-c", command, process.execPath, script, folder];
    const { status, stdout, stderr } = spawnSync("bash", args);
    expect([status, `${stderr}`]).toEqual([0, ""]);
    expect(`${stdout}`).toMatch(
      /^EventFile: Cannot write \S+tfevents\S+: at byte \d+: EFBIG: file too large, write$/m,
    );
    const steps = eventsIn().flatMap(({ what, step }) => (what === "summary" ? [step] : []));
    expect(steps).toEqual(Array.from(steps, (_, i) => i));
    expect(steps.length).toBeGreaterThan(0);
  });
});
