// The parameter names of our functions and methods, read from their declarations. Compiled code does not
// tell them.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const packages = fileURLToPath(new URL("../../../", import.meta.url));

type Declaration = ts.MethodDeclaration | ts.FunctionDeclaration;

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return entry.name.endsWith(".ts") ? [path] : [];
  });
}

/** Overloads hide the implementation, which is the one with a body. */
const byName = new Map<string, Declaration[]>();
for (const path of [
  ...sources(join(packages, "tensor/src")),
  ...sources(join(packages, "nn/src/functional")),
]) {
  const file = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.ESNext);
  const add = (kind: string, declaration: Declaration): void => {
    if (declaration.name === undefined || !ts.isIdentifier(declaration.name)) return;
    const key = `${kind} ${declaration.name.text}`;
    byName.set(key, [...(byName.get(key) ?? []), declaration]);
  };
  for (const statement of file.statements) {
    if (ts.isFunctionDeclaration(statement)) add("function", statement);
    if (ts.isClassDeclaration(statement))
      for (const member of statement.members)
        if (ts.isMethodDeclaration(member)) add("method", member);
  }
}

/**
 * The names of the positional parameters, of each overload; a rest parameter as "...name". Trailing
 * options are left out.
 */
export function overloadsOf(kind: "function" | "method", name: string): string[][] {
  const all = byName.get(`${kind} ${name}`) ?? [];
  const signatures = all.filter(({ body }) => body === undefined);
  return (signatures.length > 0 ? signatures : all).map(({ parameters }) =>
    parameters.flatMap((parameter) => {
      if (!ts.isIdentifier(parameter.name) || parameter.name.text === "options") return [];
      return [`${parameter.dotDotDotToken ? "..." : ""}${parameter.name.text}`];
    }),
  );
}
