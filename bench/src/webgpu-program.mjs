// Measures the WebGPU backend; webgpu.mjs bundles it from the sources and runs it. Prints one line of JSON: the
// counts, taken on a device that records as a GPU's does and computes nothing, or the adapter's name and the time of
// a product (`matmul N`) or of a training step (`cnn N`).
import "@tead/autograd";
import { webgpu } from "@tead/backend-webgpu";
import { manualSeed, noGrad, randn, scope, setDefaultDevice } from "@tead/tensor";
import { requestDevice } from "../../packages/backend-webgpu/src/adapter.ts";
import {
  fusedCounts,
  fusedOps,
  without,
} from "../../packages/backend-webgpu/test/kernels/fused-counts.ts";
import { recordingBackend } from "../../packages/backend-webgpu/test/kernels/recording-device.ts";
import { networks, trainingOf } from "./webgpu-models.mjs";

const [task, size] = process.argv.slice(2);
const warmUp = 4;
const measured = 3;

/** What one training step takes after the first ones; the decomposed run has no fused kernel. */
async function countsOf(network, device, on) {
  manualSeed(0);
  setDefaultDevice(on);
  const step = trainingOf(network, 2);
  const run = async () => {
    const loss = step();
    await loss.item();
    loss[Symbol.dispose]();
  };
  for (let i = 0; i < warmUp; i++) await run();
  const before = device.counts();
  const bytes = device.memory().allocatedBytes;
  for (let i = 0; i < measured; i++) await run();
  const after = device.counts();
  return {
    dispatches: (after.dispatches - before.dispatches) / measured,
    submits: (after.submits - before.submits) / measured,
    bytes: (device.memory().allocatedBytes - bytes) / measured,
  };
}

async function counts() {
  const { device } = recordingBackend();
  const bare = without(
    device,
    fusedOps(device).map(({ name }) => name),
  );
  const steps = {};
  for (const [name, network] of Object.entries(networks)) {
    const fused = await countsOf(network, device, device);
    const decomposed = await countsOf(network, device, bare);
    steps[name] = { ...fused, decomposed: decomposed.dispatches };
  }
  return { steps, kernels: fusedCounts() };
}

/** The median time of `work` in ms; `work` records, the GPU is waited for at the end of each round. */
async function medianTime(device, work, inner) {
  const times = [];
  for (let round = 0; round < 12; round++) {
    const start = performance.now();
    for (let i = 0; i < inner; i++) work();
    await device.sync();
    times.push((performance.now() - start) / inner);
  }
  return times.slice(2).sort((a, b) => a - b)[5];
}

async function matmul(device, n) {
  const [a, b] = [randn([n, n]), randn([n, n])];
  return noGrad(async () => medianTime(device, () => scope(() => void a.matmul(b)), 10));
}

async function cnn(device, batch) {
  const step = trainingOf(networks["tutorial CNN, SGD"], batch);
  return medianTime(device, () => scope(() => void step()), 20);
}

/** Runs a task on the GPU, unless a driver in software stands in for it. */
async function timed(work) {
  const gpu = await requestDevice({});
  const { vendor, architecture, description, isFallbackAdapter } = gpu.adapterInfo;
  const name = [vendor, architecture, description].filter(Boolean).join(" ");
  if (isFallbackAdapter) return { name };
  const device = await webgpu({ device: gpu });
  setDefaultDevice(device);
  return { name, result: await work(device, Number(size)) };
}

const tasks = { counts, matmul: () => timed(matmul), cnn: () => timed(cnn) };
process.stdout.write(`${JSON.stringify(await tasks[task]())}\n`);
process.exit(0);
