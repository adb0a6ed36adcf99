// Starts workers, through whichever interface the host has. Names no host type, so that it compiles anywhere.
import { nodeWorkerSource, webWorkerSource } from "./worker-source.ts";

/** A worker that was asked to start. */
export interface Spawned {
  /** Ends it, whatever it does. */
  terminate(): void;
}

interface NodeWorker {
  on(event: "error", listener: () => void): void;
  unref(): void;
  terminate(): unknown;
}
interface WebWorker {
  onerror: ((event: { preventDefault?(): void }) => void) | null;
  postMessage(data: unknown): void;
  unref?(): void;
  terminate(): void;
}
interface Host {
  readonly process?: {
    readonly versions?: { readonly bun?: string };
    getBuiltinModule?(name: string): unknown;
  };
  readonly navigator?: { readonly hardwareConcurrency?: number };
  readonly crossOriginIsolated?: boolean;
  readonly SharedArrayBuffer?: unknown;
  readonly Worker?: new (url: string, options: object) => WebWorker;
  readonly Blob?: new (parts: string[], options: object) => object;
  readonly URL?: { createObjectURL(blob: object): string; revokeObjectURL(url: string): void };
}
const host = globalThis as Host;

/** Node's own worker module. Bun's copy of it cannot run a string, so Bun counts as a browser here. */
const nodeModule = <T>(name: string): T | undefined =>
  host.process?.versions?.bun === undefined
    ? (host.process?.getBuiltinModule?.(name) as T | undefined)
    : undefined;

const spawnNode = (
  Worker: new (source: string, options: object) => NodeWorker,
  data: object,
): Spawned => {
  // Nothing of the program's own start-up (loaders, flags) belongs into a worker.
  const options = { eval: true, workerData: data, execArgv: [], env: {} };
  const worker = new Worker(nodeWorkerSource, options);
  worker.on("error", () => {});
  worker.unref();
  return { terminate: () => void worker.terminate() };
};

const spawnWeb = (data: object): Spawned | undefined => {
  const { Worker, Blob, URL } = host;
  if (!Worker || !Blob || !URL) return undefined;
  const url = URL.createObjectURL(new Blob([webWorkerSource], { type: "text/javascript" }));
  const worker = new Worker(url, { type: "module" });
  worker.onerror = (event) => event.preventDefault?.();
  worker.unref?.();
  worker.postMessage(data);
  return { terminate: () => worker.terminate() };
};

/** Starts one worker with this data; undefined where the host refuses. */
export function spawn(data: object): Spawned | undefined {
  try {
    const threads = nodeModule<{ Worker?: never }>("node:worker_threads");
    return threads?.Worker ? spawnNode(threads.Worker, data) : spawnWeb(data);
  } catch {
    return undefined;
  }
}

/** Why only one thread can run here, if that is so. */
export function whyOneThread(): string | undefined {
  if (host.SharedArrayBuffer === undefined || host.crossOriginIsolated === false)
    return "memory cannot be shared; a page needs cross-origin isolation";
  if (!nodeModule("node:worker_threads") && !host.Worker) return "there are no workers here";
  return undefined;
}

/** How many threads the machine can run at once. */
export function machineThreads(): number {
  const os = nodeModule<{ availableParallelism(): number }>("node:os");
  return os?.availableParallelism() ?? host.navigator?.hardwareConcurrency ?? 1;
}
