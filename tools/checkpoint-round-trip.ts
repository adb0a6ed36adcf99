// Files of PyTorch's and safetensors, there and back: `node tools/run-ts.mjs tools/checkpoint-round-trip.ts PYTHON`
// with a Python that has PyTorch (1.13 and 2.13 are known to pass), and safetensors or not.
// Prints what it saw; exits 1 if a file was read as something else.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cpu } from "@tead/backend-cpu";
import { setDefaultDevice } from "@tead/tensor";
import { roundTrip } from "../packages/checkpoint/test/python/round-trip.ts";

setDefaultDevice(cpu());
const [python = "python3"] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "tead-round-trip-"));
try {
  const { failures, ...seen } = await roundTrip(
    python,
    "tools/fixtures/checkpoint_roundtrip.py",
    folder,
  );
  console.log({ ...seen, failures: failures.length });
  for (const failure of failures) console.log(failure);
  process.exitCode = failures.length > 0 ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true });
}
