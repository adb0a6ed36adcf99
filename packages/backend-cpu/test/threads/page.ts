// The page of browser.test.ts: multiplies on three threads if it may, and reports what ran.
import {
  engineFor,
  getNumThreads,
  matmulF32,
  setNumThreads,
  threadsOf,
  threadsStarted,
} from "./program.ts";

const n = 300;
const values = (seed: number): Float32Array =>
  Float32Array.from({ length: n * n }, (_, i) => Math.sin(seed + i));

setNumThreads(3);
await threadsStarted(30_000);
const out = new Float32Array(n * n);
const [a, b] = [values(1), values(2)];
for (let i = 0; i < 20; i++) matmulF32(out, 0, a, 0, n, 1, b, 0, n, 1, n, n, n);
let sum = 0n;
for (const bits of new Uint32Array(out.buffer))
  sum = (sum * 31n + BigInt(bits)) & 0xffffffffffffffffn;
const { crossOriginIsolated } = globalThis as { readonly crossOriginIsolated?: boolean };
const report = {
  isolated: crossOriginIsolated,
  threads: getNumThreads(),
  running: threadsOf(engineFor(1e9)),
  sum: String(sum),
};
await fetch("/report", { method: "POST", body: JSON.stringify(report) });
