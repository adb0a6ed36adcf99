// Measures the WebAssembly kernels of backend-cpu alone: matmul, the tutorial network's convolutions, elementwise functions.
// Run: node bench/src/wasm-kernels.mjs (any Node from 20.19 on; the sources are bundled to a temporary file first).
// Prints the best of many short runs on one thread, so that a busy machine disturbs it little; products also as a share of what
// the engine's multiply-adds reach in a loop of nothing else.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "tsdown";
import { ceilingLoop } from "./ceiling.mjs";

const outDir = mkdtempSync(join(tmpdir(), "tead-bench-"));
const source = (file) =>
  fileURLToPath(new URL(`../../packages/backend-cpu/src/${file}`, import.meta.url));
const entry = { wasm: source("wasm/index.ts"), threads: source("threads/threads.ts") };
let wasm;
try {
  await build({ entry, outDir, config: false, dts: false, logLevel: "error", hash: false });
  const load = (name) => import(pathToFileURL(join(outDir, `${name}.mjs`)).href);
  wasm = await load("wasm");
  (await load("threads")).setNumThreads(1);
} finally {
  rmSync(outDir, { recursive: true });
}

const BUDGET_MS = 250;
const random = (count) => Float32Array.from({ length: count }, () => Math.random() - 0.5);

/** The best time of one call in ms. */
const best = (call, budgetMs = BUDGET_MS) => {
  for (let i = 0; i < 5; i++) call();
  let least = Number.POSITIVE_INFINITY;
  const end = performance.now() + budgetMs;
  while (performance.now() < end) {
    const start = performance.now();
    call();
    least = Math.min(least, performance.now() - start);
  }
  return least;
};

const report = (name, ms, flops, share) => {
  const rate = flops ? `${(flops / ms / 1e6).toFixed(1).padStart(7)} GFLOP/s` : "";
  const part = share ? `${(share * 100).toFixed(0).padStart(5)}% of the ceiling` : "";
  console.log(`${name.padEnd(44)} ${ms.toFixed(4).padStart(9)} ms ${rate}${part}`);
};

/** A product of A or A^T with B or B^T ("n" or "t" each), or a batch of them. */
const product = (layouts, m, n, k, batch = 1) => {
  const [a, b] = [random(batch * m * k), random(batch * k * n)];
  const out = new Float32Array(batch * m * n);
  const strides = (layout, rows, columns) => (layout === "t" ? [1, rows] : [columns, 1]);
  const [left, right] = [strides(layouts[0], m, k), strides(layouts[1], k, n)];
  const matrices = (data, size, [rowStride, columnStride]) => ({
    ...{ data, rowStride, columnStride },
    starts: Array.from({ length: batch }, (_, i) => i * size),
  });
  const [many, others] = [matrices(a, m * k, left), matrices(b, k * n, right)];
  const run =
    batch === 1
      ? () => wasm.matmulF32(out, 0, a, 0, ...left, b, 0, ...right, m, n, k)
      : () => wasm.matmulBatchF32(out, 0, many, others, m, n, k);
  const name = `${batch > 1 ? `${batch} of ` : ""}${m}x${n}x${k} ${layouts}`;
  return {
    name: `matmul ${name}`,
    run,
    flops: 2 * batch * m * n * k,
    ms: Number.POSITIVE_INFINITY,
  };
};

/** Products and the loop in turn, three times: the machine's speed drifts. */
const products = async () => {
  const { run, gflop } = await ceilingLoop(wasm.wasmInfo().build);
  const rows = [
    ...[64, 127, 128, 129, 255, 257, 512, 1023, 1024].map((n) => product("nn", n, n, n)),
    ...[product("nt", 64, 128, 784), product("tn", 128, 784, 64), product("nt", 64, 10, 128)],
    ...[product("nt", 1024, 384, 128), product("nn", 1024, 128, 384)],
    ...[product("tn", 384, 128, 1024), product("nn", 8, 1000, 1000)],
    ...[product("nn", 64, 64, 32, 64), product("nn", 8, 8, 8, 256)],
  ];
  let ceiling = 0;
  for (let round = 0; round < 3; round++) {
    for (const row of rows) row.ms = Math.min(row.ms, best(row.run, row.flops > 1e9 ? 400 : 80));
    ceiling = Math.max(ceiling, (gflop / best(run, 80)) * 1000);
  }
  console.log(`${"ceiling of multiply-adds".padEnd(58)}${ceiling.toFixed(1).padStart(6)} GFLOP/s`);
  for (const { name, ms, flops } of rows) report(name, ms, flops, flops / ms / 1e6 / ceiling);
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
await products();
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
