/** The text of one ES module with everything that `entry`, a TypeScript file, imports. */
export function bundle(
  entry: string | URL,
  platform?: "node" | "browser" | "neutral",
): Promise<string>;
/** The path of that module for Node, in `folder` or a new temporary one. */
export function bundleToFile(entry: string | URL, folder?: string): Promise<string>;
