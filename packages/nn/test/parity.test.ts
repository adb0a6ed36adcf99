// PyTorch's own module and criterion tables, replayed: every case whose class or function exists
// here.
import "@tead/autograd";
import { cpu } from "@tead/backend-cpu";
import { setDefaultDevice } from "@tead/tensor";
import { describe, expect, test } from "vitest";
import { readCases } from "./parity/manifest.ts";
import { exists, replay } from "./parity/replay.ts";

setDefaultDevice(cpu());

const folder = process.env.TEAD_PARITY_DIR;

describe.each(["modules", "criteria"])("PyTorch's table of %s", (set) => {
  const found = readCases(folder, set);
  if (found === undefined) {
    const reason = `TEAD_PARITY_DIR is ${folder ?? "not set"}: expected a folder with ${set}.json`;
    // Reported as skipped, with the reason; in CI it fails.
    test.skipIf(!process.env.CI)(`is at hand (${reason})`, () => {
      expect.unreachable(reason);
    });
    return;
  }
  const { cases, tensors } = found;
  const outcome = { passed: 0, missing: 0 };

  test.each(cases)("$name gives PyTorch's values, gradients and state", (c) => {
    if (!exists(c)) {
      outcome.missing++;
      return;
    }
    replay(c, tensors);
    outcome.passed++;
  });

  test("reports how many cases pass", ({ annotate }) => {
    const { passed, missing } = outcome;
    expect(passed + missing).toBe(cases.length);
    return annotate(`${passed} of ${cases.length} ${set} pass; ${missing} are of absent classes`);
  });
});
