// Loads mutated files of PyTorch's and safetensors: `node tools/run-ts.mjs
// --node-options=--disallow-code-generation-from-strings tools/torture-checkpoint.ts [count [seed]]`.
// Prints what it saw; exits 1 if a file took a second, too much memory, or gave what it should not.
import { pathToFileURL } from "node:url";
import { cpu } from "@tead/backend-cpu";
import { setDefaultDevice } from "@tead/tensor";
import { torture } from "../packages/checkpoint/test/torture/torture.ts";

setDefaultDevice(cpu());
const [count = 10_000, seed = 1] = process.argv.slice(2).map(Number);
const folder = pathToFileURL("packages/checkpoint/test/fixtures/");
const { failures, ...seen } = await torture(folder, count, seed);
console.log({ seed, ...seen, failures: failures.length });
for (const failure of failures.slice(0, 20)) console.log(failure);
process.exitCode = failures.length > 0 ? 1 : 0;
