// The public face of @tead/backend-cpu: re-exports only.
export { type CpuBackend, cpu } from "./backend.ts";
export { getNumThreads, setNumThreads } from "./threads/threads.ts";
export { setPackedWeightsLimit } from "./wasm/packed-weights.ts";
export { isWinogradEnabled, setWinogradEnabled } from "./wasm/winograd-choice.ts";
