// Compiles packages/backend-cpu/assembly twice (plain SIMD, relaxed SIMD) and embeds both as base64 modules under
// packages/backend-cpu/src/wasm/generated. With --check nothing is written and stale files are an error.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import asc from "assemblyscript/asc";

const root = new URL("..", import.meta.url).pathname;
const packageDir = join(root, "packages/backend-cpu");
const builds = [
  { name: "plain", features: ["simd"] },
  { name: "relaxed", features: ["simd", "relaxed-simd"] },
];

async function compile({ name, features }) {
  let binary;
  const stderr = asc.createMemoryStream();
  const options = [
    join(packageDir, "assembly/index.ts"),
    ...["--outFile", `${name}.wasm`, "-O3", "--converge", "--noAssert", "--runtime", "stub"],
    ...features.flatMap((feature) => ["--enable", feature]),
    ...["--use", "abort=", "--initialMemory", "1"],
    // Private or shared is decided when the module is loaded: one bit of the import (src/wasm/engine.ts).
    ...["--maximumMemory", "65536", "--importMemory", "--noExportMemory"],
  ];
  const { error } = await asc.main(options, {
    stderr,
    writeFile: (file, contents) => {
      if (file.endsWith(".wasm")) binary = contents;
    },
  });
  if (error || !binary)
    throw new Error(`assembly (${name}): ${error?.message}\n${stderr.toString()}`);
  return Buffer.from(binary);
}

function moduleText(name, binary) {
  return [
    `// The ${name} SIMD build of assembly/, as base64. Written by tools/build-assembly.mjs; do not edit.`,
    `export const ${name}Wasm: string =`,
    `  "${binary.toString("base64")}";`,
    "",
  ].join("\n");
}

const check = process.argv.includes("--check");
const outDir = join(packageDir, "src/wasm/generated");
let stale = false;
for (const build of builds) {
  const binary = await compile(build);
  const path = join(outDir, `${build.name}.ts`);
  const text = moduleText(build.name, binary);
  if (check) {
    let current = "";
    try {
      current = readFileSync(path, "utf8");
    } catch {}
    if (current !== text) {
      stale = true;
      console.error(`${path} is out of date: run node tools/build-assembly.mjs`);
    }
  } else {
    mkdirSync(outDir, { recursive: true });
    writeFileSync(path, text);
    console.log(`${build.name}: ${binary.length} bytes`);
    if (process.argv.includes("--keep")) {
      const file = join(tmpdir(), `tead-${build.name}.wasm`);
      writeFileSync(file, binary);
      console.log(`  ${file}`);
    }
  }
}
if (stale) process.exitCode = 1;
