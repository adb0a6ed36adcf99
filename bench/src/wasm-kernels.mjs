// Measures the WebAssembly kernels of backend-cpu alone: matmul, the tutorial network's convolutions, elementwise functions.
// Run: node bench/src/wasm-kernels.mjs (any Node from 20.19 on; the sources are bundled to a temporary file first).
// Prints the best of many short runs, so that a busy machine disturbs it little.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "tsdown";

const outDir = mkdtempSync(join(tmpdir(), "tead-bench-"));
const entry = fileURLToPath(
  new URL("../../packages/backend-cpu/src/wasm/index.ts", import.meta.url),
);
let wasm;
try {
  await build({ entry, outDir, config: false, dts: false, logLevel: "error", hash: false });
  wasm = await import(pathToFileURL(join(outDir, "index.mjs")).href);
} finally {
  rmSync(outDir, { recursive: true });
}

const BUDGET_MS = 250;
const random = (count) => Float32Array.from({ length: count }, () => Math.random() - 0.5);

/** The best time of one call in ms. */
const best = (call) => {
  for (let i = 0; i < 5; i++) call();
  let least = Number.POSITIVE_INFINITY;
  const end = performance.now() + BUDGET_MS;
  while (performance.now() < end) {
    const start = performance.now();
    call();
    least = Math.min(least, performance.now() - start);
  }
  return least;
};

const report = (name, ms, flops) => {
  const rate = flops ? `${(flops / ms / 1e6).toFixed(1).padStart(7)} GFLOP/s` : "";
  console.log(`${name.padEnd(44)} ${ms.toFixed(4).padStart(9)} ms ${rate}`);
};

const matmul = (m, n, k, transposed) => {
  const [a, b, out] = [random(m * k), random(k * n), new Float32Array(m * n)];
  const [bRow, bColumn] = transposed ? [1, k] : [n, 1];
  const ms = best(() => wasm.matmulF32(out, 0, a, 0, k, 1, b, 0, bRow, bColumn, m, n, k));
  report(`matmul ${m}x${n}x${k}${transposed ? " (B transposed)" : ""}`, ms, 2 * m * n * k);
};

/** Forward and gradients of a 5x5 convolution with padding 2; returns their times for one image. */
const convolution = (inChannels, outChannels, size, needsInput) => {
  const sizes = {
    ...{ batch: 4, inChannels, outChannels, groups: 1 },
    ...{ input: [1, size, size], output: [1, size, size], kernel: [1, 5, 5] },
    ...{ stride: [1, 1, 1], padding: [0, 2, 2], dilation: [1, 1, 1] },
  };
  const plane = size * size;
  const [x, w] = [random(4 * inChannels * plane), random(outChannels * inChannels * 25)];
  const [g, bias] = [random(4 * outChannels * plane), random(outChannels)];
  const [out, gradX, gradW] = [g, x, w].map((array) => new Float32Array(array.length));
  const flops = 2 * 4 * plane * outChannels * inChannels * 25;
  const name = `conv5x5 4x${inChannels}x${size}x${size} -> ${outChannels}`;
  const times = [
    best(() => wasm.convF32(out, x, w, bias, sizes)),
    best(() => wasm.convGradWeightF32(gradW, x, g, sizes)),
  ];
  if (needsInput) times.push(best(() => wasm.convGradInputF32(gradX, g, w, sizes)));
  ["forward", "weight gradient", "input gradient"].slice(0, times.length).forEach((part, i) => {
    report(`${name} ${part}`, times[i], flops);
  });
  return times.reduce((sum, ms) => sum + ms, 0) / 4;
};

console.log(process.version, JSON.stringify(wasm.wasmInfo()));
for (const size of [512, 1024]) matmul(size, size, size, false);
matmul(64, 128, 784, true);
matmul(64, 10, 64, true);
matmul(1, 1024, 1024, true);
let step = convolution(3, 32, 32, false);
step += convolution(32, 32, 16, true);
step += convolution(32, 64, 8, true);
report("all convolutions of a tutorial step, batch 64", step * 64);

const count = 2 ** 20;
const [x, y] = [random(count), new Float32Array(count)];
for (const name of ["relu", "exp", "log", "tanh", "sigmoid"]) {
  report(
    `${name} of 1M`,
    best(() => wasm.unaryF32[name](y, 0, x, 0, count)),
  );
}
report(
  "add of 1M",
  best(() => wasm.binaryF32.add(y, 0, x, 0, x, 0, count)),
);
report(
  "softmax 1024x1024",
  best(() => wasm.softmaxF32(y, 0, x, 0, 1024, 1024)),
);
report(
  "sum of 1M",
  best(() => wasm.reduceF32("sum", y, 0, x, 0, 1, count, 1)),
);
