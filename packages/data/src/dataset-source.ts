// Datasets by address: a module and an export, which can be sent to a worker where a closure cannot.
import { isDataset } from "./data-loader-options.ts";
import type { Dataset } from "./dataset.ts";

/** Where a dataset comes from: everything here can be cloned into a worker. */
export interface DatasetSource {
  /** URL of a module, absolute: `new URL("./digits.ts", import.meta.url)` or its `href`. */
  readonly module: string | { readonly href: string };
  /** Name of an export: a dataset, or a function that returns one or a promise of one. */
  readonly export: string;
  /** Arguments of that function; they must be structured-cloneable. */
  readonly args?: readonly unknown[];
}

const sources = new WeakMap<object, DatasetSource>();

/**
 * Opens the dataset that a module exports, and remembers where it came from, so that loaders will be able to open it again
 * inside of workers. The type parameter says what it is; that is not checked beyond its being a dataset.
 *
 * @param source - `module`, `export` and, for a function, `args`.
 * @throws TypeError if there is no such export, it gives no dataset, or `args` cannot be cloned.
 */
export async function openDataset<D extends Dataset<unknown>>(source: DatasetSource): Promise<D> {
  const module = typeof source.module === "string" ? source.module : source.module.href;
  const address = `"${source.export}" of ${module}`;
  const args = cloned(source.args ?? [], address);
  // The module is the user's, known when it runs: bundlers are not to look for it.
  const exports: Record<string, unknown> = await import(/* @vite-ignore */ module);
  const found = exports[source.export];
  if (found === undefined) {
    const names = Object.keys(exports).sort().join(", ") || "none";
    throw new TypeError(
      `openDataset: Cannot find ${address}: expected one of its exports, ${names}`,
    );
  }
  const dataset: unknown = typeof found === "function" ? await found(...args) : found;
  if (
    typeof dataset !== "object" ||
    dataset === null ||
    !isDataset<unknown>(dataset as Dataset<unknown>)
  ) {
    throw new TypeError(
      `openDataset: Cannot use ${address}: expected a dataset or a function that returns one`,
    );
  }
  sources.set(dataset, { ...source, module, args });
  return dataset as D;
}

/** Where {@link openDataset} found a dataset; undefined for one that was made otherwise. */
export function sourceOf(dataset: object): DatasetSource | undefined {
  return sources.get(dataset);
}

function cloned(args: readonly unknown[], address: string): readonly unknown[] {
  try {
    return structuredClone(args);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `openDataset: Cannot send the arguments of ${address} to a worker: ${reason}`;
    throw new TypeError(message, { cause });
  }
}
