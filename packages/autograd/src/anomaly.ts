// Anomaly detection: nodes remember where they were made, and a NaN in backward names its node.
import { isFloat, runtime, StateError, withContext } from "@tead/tensor";
import { type Flow, type Node, zero } from "./node.ts";

/** Options of `detectAnomaly`. */
export interface AnomalyOptions {
  /** Whether to read every gradient in search of NaN; true unless said. */
  readonly checkNan?: boolean;
}

/**
 * Runs `fn` so that an error in backward says where the forward op ran, and a NaN in a gradient is
 * an error (on devices with synchronous reads). Slow: for debugging only.
 */
export function detectAnomaly<R>(fn: () => R, { checkNan = true }: AnomalyOptions = {}): R {
  return withContext({ anomaly: { checkNan } }, fn);
}

/** Notes where a node is made. */
export function trace(node: Node): void {
  node.trace = new Error(node.name);
}

/** Runs a node, explains its errors by where it was made, and looks for NaN in what it gives. */
export function checked(node: Node, run: () => readonly Flow[]): readonly Flow[] {
  let results: readonly Flow[];
  try {
    results = run();
  } catch (cause) {
    throw new StateError(`${messageOf(cause)}\n${origin(node)}`, { cause });
  }
  if (runtime.context.anomaly?.checkNan === true)
    results.forEach((flow, i) => {
      if (flow === undefined || flow === zero || !isFloat(flow.dtype)) return;
      if (!flow.device.capabilities.syncRead || flow.isnan().any().itemSync() !== true) return;
      throw new StateError(
        `${node.name}: Gradient is NaN: expected numbers, received NaN in output ${i}\n${origin(node)}`,
      );
    });
  return results;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function origin({ name, trace: made }: Node): string {
  if (made?.stack === undefined)
    return `No forward call is known for ${name}: run forward inside detectAnomaly() as well`;
  const [, ...lines] = made.stack.split("\n");
  return `Forward call that made ${name}:\n${lines.join("\n")}`;
}
