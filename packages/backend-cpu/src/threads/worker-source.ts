// The program of a worker, as text: it must stand alone, since bundlers cannot find a file for it. It joins jobs until it
// is told to quit. The protocol is explained in docs/decisions/0008-threads.md.
import * as layout from "./layout.ts";

/** How long an idle worker watches for the next job before it sleeps. */
const SPIN_MS = 2;

const { ARGUMENTS, ARGUMENT_BYTES, CALLER_WAITS, EPOCH, FAILED, FLAGS, KERNEL } = layout;
const { NEXT, OPEN, QUIT, READY, SLEEPING, TASKS } = layout;

const program = `
const work = ({ module, memory, control, slot, scratch }) => {
  const kernels = Object.values(new WebAssembly.Instance(module, { env: { memory } }).exports);
  const words = new Int32Array(control, 0, ${ARGUMENT_BYTES / 4});
  const numbers = new Float64Array(control, ${ARGUMENT_BYTES});
  const flag = ${FLAGS} + 16 * slot;
  const { load, store, add, sub } = Atomics;
  const pause = Atomics.pause ?? (() => {});
  const join = () => {
    const kernel = kernels[words[${KERNEL}]];
    const tasks = words[${TASKS}];
    const args = Array.from(numbers.subarray(0, words[${ARGUMENTS}]));
    for (let task; (task = add(words, ${NEXT}, 1)) < tasks; ) kernel(...args, task);
  };
  const idle = (seen) => {
    const end = performance.now() + ${SPIN_MS};
    do {
      for (let i = 0; i < 100; i++) {
        if (load(words, ${EPOCH}) !== seen) return;
        pause();
      }
    } while (performance.now() < end);
    add(words, ${SLEEPING}, 1);
    Atomics.wait(words, ${EPOCH}, seen);
    sub(words, ${SLEEPING}, 1);
  };
  kernels[scratch.kernel](scratch.address);
  let seen = load(words, ${EPOCH});
  add(words, ${READY}, 1);
  while (load(words, ${QUIT}) === 0) {
    idle(seen);
    seen = load(words, ${EPOCH});
    store(words, flag, 1);
    try {
      if (load(words, ${OPEN}) === 1) join();
    } catch {
      store(words, ${FAILED}, 1);
    }
    store(words, flag, 0);
    if (load(words, ${CALLER_WAITS}) === 1) Atomics.notify(words, flag);
  }
};
`;

/** For `new Worker(source, { eval: true, workerData })` of node:worker_threads. */
export const nodeWorkerSource: string = `${program}work(require("node:worker_threads").workerData);`;

/** For a Blob URL; the data comes as the first message. */
export const webWorkerSource: string = `${program}onmessage = ({ data }) => {
  work(data);
  close();
};`;
