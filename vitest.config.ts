// One configuration for all tests. The projects: "unit" runs against the sources, "docs" runs the examples of the
// docs, "published" looks at what users install (it builds first, and runs alone because it takes times).
import { configDefaults, defineConfig } from "vitest/config";
import { docExamples } from "./tools/doc-examples.mjs";
import { publishedEntries, root } from "./tools/workspace.mjs";

const aliases = publishedEntries().map(({ specifier, source }) => ({
  find: new RegExp(`^${specifier}$`),
  replacement: source,
}));

const shared = {
  root,
  setupFiles: ["tools/vitest-setup.ts"],
  exclude: [...configDefaults.exclude, "**/fixtures/**"],
  // A busy machine is no failure; what hangs still ends.
  testTimeout: 60_000,
  hookTimeout: 60_000,
};

export default defineConfig({
  resolve: { alias: aliases },
  test: {
    projects: [
      {
        extends: true,
        test: {
          ...shared,
          name: "unit",
          include: [
            "{packages,examples}/*/test/**/*.test.ts",
            "{bench,tools}/test/**/*.test.{ts,mjs}",
          ],
          exclude: [...shared.exclude, "tools/test/{docs,published}/**"],
        },
      },
      {
        extends: true,
        plugins: [docExamples()],
        test: { ...shared, name: "docs", include: ["tools/test/docs/**/*.test.ts"] },
      },
      {
        extends: true,
        test: {
          ...shared,
          name: "published",
          include: ["tools/test/published/**/*.test.mjs"],
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
