// What the programs of host.test.ts and browser.test.ts are made of.
export {
  engineFor,
  getNumThreads,
  setNumThreads,
  threadsOf,
  threadsStarted,
} from "../../src/threads/threads.ts";
export { matmulF32 } from "../../src/wasm/matmul.ts";
