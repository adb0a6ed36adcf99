// The one mutable state of the library: grad mode, scope, default device and generator, the
// recorder. It hangs on a global symbol, so that two copies of the package cannot disagree.
import { type Backend, contractNumber } from "./backend.ts";
import { DeviceError, StateError } from "./errors.ts";
import { Generator } from "./generator.ts";
import type { AnyOp } from "./op.ts";
import type { RecordedInput, Recorder } from "./recorder.ts";
import type { Storage } from "./storage.ts";
import type { Tensor } from "./tensor.ts";

/** What a scope does with the storages made inside it. */
export interface ScopeTracker {
  /** Notes a storage that was made inside the scope. */
  track(storage: Storage): void;
  /** Notes that an op inside has been recorded as a part of this tensor's graph. */
  wrote(tensor: Tensor): void;
}

/** What stands in a graph for the tensors that it saves: packed as they are saved, unpacked in backward. */
export interface SavedTensorHooks {
  /** What the tape keeps in the place of a tensor. */
  pack(tensor: Tensor): unknown;
  /** The tensor again, when backward needs it. */
  unpack(packed: unknown): Tensor;
}

/** What measures ops while a profile runs. @internal */
export interface OpProfiler {
  /** Runs an op, which may write `target`, and notes what it cost. */
  op(
    op: AnyOp,
    inputs: readonly RecordedInput[],
    run: () => readonly Tensor[],
    target?: Tensor,
  ): readonly Tensor[];
  /** Runs a function as a range of its own. */
  range<R>(name: string, fn: () => R): R;
}

/** How autograd looks for errors; kept here so that it follows the other modes. */
export interface AnomalyMode {
  readonly checkNan: boolean;
}

/** The modes that user code enters and leaves. */
export interface Context {
  gradEnabled: boolean;
  inferenceMode: boolean;
  scope: ScopeTracker | undefined;
  anomaly: AnomalyMode | undefined;
  savedTensorHooks: SavedTensorHooks | undefined;
}

const rootContext: Context = {
  gradEnabled: true,
  inferenceMode: false,
  scope: undefined,
  anomaly: undefined,
  savedTensorHooks: undefined,
};

interface Runtime {
  readonly contract: number;
  context: Context;
  defaultDevice: Backend | undefined;
  readonly generator: Generator;
  recorder: Recorder | undefined;
  profiler: OpProfiler | undefined;
  /** How many asynchronous modes are open; they may nest, never overlap. */
  readonly open: OpenMode[];
}

interface OpenMode {
  readonly previous: Context;
  overlapped: boolean;
}

const key = Symbol.for("tead.runtime");
const globals = globalThis as { [key]?: Runtime };

/** @internal */
export const runtime: Runtime = globals[key] ?? {
  contract: contractNumber,
  context: { ...rootContext },
  defaultDevice: undefined,
  generator: new Generator(),
  recorder: undefined,
  profiler: undefined,
  open: [],
};
globals[key] = runtime;

if (runtime.contract !== contractNumber)
  throw new StateError(
    `Two copies of @tead/tensor meet: expected contract ${contractNumber}, ` +
      `received ${runtime.contract}`,
    { hint: "run your package manager's dedupe so that every @tead package shares one copy" },
  );

/**
 * Runs `fn` with some modes changed, and restores them. An asynchronous `fn` keeps them until its
 * promise settles; two such calls may nest but not overlap.
 * @internal
 */
export function withContext<R>(changes: Partial<Context>, fn: () => R): R {
  const previous = runtime.context;
  runtime.context = changed(previous, changes);
  let asynchronous = false;
  try {
    const result = fn();
    if (result instanceof Promise) {
      asynchronous = true;
      return settle(result, previous) as R;
    }
    return result;
  } finally {
    if (!asynchronous) runtime.context = previous;
  }
}

/** The context with some modes changed; a mode may be changed to `undefined`. Not by spreading, which is slow. */
function changed(from: Context, changes: Partial<Context>): Context {
  const { gradEnabled = from.gradEnabled, inferenceMode = from.inferenceMode } = changes;
  const scope = "scope" in changes ? changes.scope : from.scope;
  const anomaly = "anomaly" in changes ? changes.anomaly : from.anomaly;
  const savedTensorHooks =
    "savedTensorHooks" in changes ? changes.savedTensorHooks : from.savedTensorHooks;
  return { gradEnabled, inferenceMode, scope, anomaly, savedTensorHooks };
}

async function settle<R>(result: Promise<R>, previous: Context): Promise<R> {
  const { open } = runtime;
  const mode: OpenMode = { previous, overlapped: false };
  open.push(mode);
  try {
    return await result;
  } finally {
    if (!mode.overlapped && open.at(-1) !== mode) {
      // Everything that is open is void: fall back to what was before the first of it.
      runtime.context = (open[0] as OpenMode).previous;
      for (const other of open) other.overlapped = true;
      open.length = 0;
    }
    if (mode.overlapped)
      // biome-ignore lint/correctness/noUnsafeFinally: an overlap makes every other outcome unreliable
      throw new StateError(
        "Asynchronous modes overlap: expected noGrad, scope and the like to nest",
        {
          hint: "await one before the next starts, or keep the body synchronous",
        },
      );
    open.pop();
    runtime.context = previous;
  }
}

/** Runs `fn` in the root context, as every continuation that the library owns does. */
export function inRootContext<R>(fn: () => R): R {
  return withContext(rootContext, fn);
}

/** Sets where tensors live when no `device` is given. */
export function setDefaultDevice(device: Backend | undefined): void {
  runtime.defaultDevice = device;
}

/** The default device, or an error that says how to set one. */
export function getDefaultDevice(): Backend {
  if (runtime.defaultDevice === undefined)
    throw new DeviceError("No device: expected a default device or a device option", {
      hint: 'import { cpu } from "@tead/backend-cpu"; setDefaultDevice(cpu())',
    });
  return runtime.defaultDevice;
}

/** Seeds the default generator: PyTorch's `torch.manual_seed`. */
export function manualSeed(seed: number | bigint): Generator {
  runtime.generator.manualSeed(seed);
  return runtime.generator;
}

/** The generator that random functions use when none is given. */
export function defaultGenerator(): Generator {
  return runtime.generator;
}

/** Whether ops are being recorded for backward. */
export function isGradEnabled(): boolean {
  return runtime.context.gradEnabled;
}

/** Runs `fn` without recording; autograd re-exports it. PyTorch's `torch.no_grad`. */
export function noGrad<R>(fn: () => R): R {
  return withContext({ gradEnabled: false }, fn);
}

/** Runs `fn` with recording on, inside a `noGrad`. PyTorch's `torch.enable_grad`. */
export function enableGrad<R>(fn: () => R): R {
  return withContext({ gradEnabled: true }, fn);
}
