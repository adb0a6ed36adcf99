import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cpu } from "@tead/backend-cpu";
import { setDefaultDevice } from "@tead/tensor";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { roundTrip } from "./round-trip.ts";

const python = process.env.TEAD_PYTHON ?? "";
const script = fileURLToPath(
  new URL("../../../../tools/fixtures/checkpoint_roundtrip.py", import.meta.url),
);

beforeAll(() => setDefaultDevice(cpu()));
afterAll(() => setDefaultDevice(undefined));

describe.skipIf(python === "")("with a Python that has PyTorch (TEAD_PYTHON names it)", () => {
  it("files go there and back, and read as what was saved", { timeout: 120_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), "tead-round-trip-"));
    try {
      const seen = await roundTrip(python, script, folder);
      expect(seen.failures).toEqual([]);
      expect(seen.readHere).toBeGreaterThan(40);
      expect(seen.readThere).toBeGreaterThan(90);
      if (/^2/.test(seen.torch)) expect(seen.unknown).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
