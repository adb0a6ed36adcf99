// Lets timers, and with them the callbacks of the garbage collector, run.

/** Resolves in a macrotask of its own. */
export function macrotask(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}
