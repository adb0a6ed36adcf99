// Lets the event loop run between batches: signals, timers, redrawing, and the collector's callbacks.

interface Port {
  onmessage: (() => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}

/** What the platforms have, in Node's, the browsers' and nobody's own types. */
const platform = globalThis as unknown as {
  readonly setImmediate?: (callback: () => void) => unknown;
  readonly MessageChannel: new () => { readonly port1: Port; readonly port2: Port };
};

/** Resolves in a macrotask of its own, as soon as the platform allows. */
export function nextMacrotask(): Promise<void> {
  return new Promise((resolve) => {
    if (platform.setImmediate !== undefined) {
      platform.setImmediate(resolve);
      return;
    }
    // Browsers hold back nested timers for 4 ms, but no messages.
    const { port1, port2 } = new platform.MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
