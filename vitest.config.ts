import { defineConfig } from "vitest/config";

const source = (path: string): string => new URL(`./packages/${path}`, import.meta.url).pathname;

export default defineConfig({
  resolve: {
    alias: [
      { find: "@tead/transforms/image", replacement: source("transforms/src/image.ts") },
      { find: "@tead/tensor/kernel-kit", replacement: source("tensor/src/kernel-kit/index.ts") },
      { find: /^@tead\/([a-z-]+)\/node$/, replacement: source("$1/src/node.ts") },
      { find: /^@tead\/([a-z-]+)$/, replacement: source("$1/src/index.ts") },
    ],
  },
  test: { include: ["packages/*/test/**/*.test.ts"] },
});
