// `pnpm run docs`: the API site of all packages, in docs/api. One module for each entry that a user can import;
// `Tensor` by category; the classes it is made of do not show. A warning of TypeDoc, such as an export without a
// description, fails the build.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { publishedEntries, root } from "./workspace.mjs";

const require = createRequire(join(root, "docs/package.json"));
const { Application, Converter, ReflectionFlag, ReflectionKind } = await import(
  pathToFileURL(require.resolve("typedoc")).href
);

const entries = publishedEntries();
const app = await Application.bootstrap({
  name: "Tead",
  entryPoints: entries.map(({ source }) => source),
  tsconfig: join(root, "tsconfig.json"),
  readme: existsSync(join(root, "README.md")) ? join(root, "README.md") : "none",
  out: join(root, "docs/api"),
  basePath: root,
  disableGit: true,
  sourceLinkTemplate: "",
  disableSources: true,
  excludePrivate: true,
  excludeInternal: true,
  excludeReferences: false,
  categorizeByGroup: false,
  visibilityFilters: {},
  includeHierarchySummary: false,
  sort: ["kind", "alphabetical"],
  packagesRequiringDocumentation: [...new Set(entries.map((entry) => entry.package.pkg.name))],
  requiredToBeDocumented: ["Class", "Interface", "TypeAlias", "Function", "Variable", "Method"],
  validation: {
    notExported: false,
    notDocumented: true,
    invalidLink: true,
    invalidPath: true,
    unusedMergeModuleWith: true,
  },
  logLevel: "Warn",
});

// What a class inherits from one that is not published stands as its own. Runs after TypeDoc's own listeners.
const last = -1e6;
app.converter.on(
  Converter.EVENT_RESOLVE_END,
  ({ project }) => {
    const published = new Set(project.getReflectionsByKind(ReflectionKind.ClassOrInterface));
    for (const reflection of Object.values(project.reflections)) {
      const owner = reflection.inheritedFrom?.reflection;
      if (reflection.inheritedFrom !== undefined && !published.has(owner?.parent)) {
        reflection.inheritedFrom = undefined;
        reflection.flags.setFlag?.(ReflectionFlag.Inherited, false);
      }
      if (reflection.extendedTypes === undefined) continue;
      const shown = reflection.extendedTypes.filter((type) => published.has(type.reflection));
      if (shown.length === reflection.extendedTypes.length) continue;
      reflection.extendedTypes = shown.length > 0 ? shown : undefined;
      reflection.typeHierarchy = undefined;
    }
  },
  last,
);

const nameOf = new Map(entries.map(({ source, specifier }) => [source, specifier]));
const points = app.getEntryPoints() ?? [];
for (const point of points) {
  point.displayName = nameOf.get(point.sourceFile.fileName) ?? point.displayName;
}
const project = app.converter.convert(points);
app.validate(project);
await app.generateDocs(project, join(root, "docs/api"));
if (app.logger.hasErrors() || app.logger.hasWarnings()) {
  console.error("Docs: Cannot build the API site without warnings");
  process.exit(1);
}
console.log(`Docs: ${points.length} modules in docs/api`);
