// What this engine's WebAssembly SIMD can do at best: a loop of nothing but independent multiply-adds in registers, compiled
// here, so that the library need not carry it.
import asc from "assemblyscript/asc";

/** Enough to hide the latency of a multiply-add, each of the sum before; with the two constants they fit in sixteen registers. */
const SUMS = 12;
const STEPS = 20_000;
const FLOPS = SUMS * STEPS * 4 * 2;

const sums = Array.from({ length: SUMS }, (_, i) => `c${i}`);
const source = (multiplyAdd) => `
export function run(x: f32, steps: i32): f32 {
  const a = f32x4.splat(x), b = f32x4.splat(x);
  let ${sums.map((c, i) => `${c} = f32x4.splat(x * ${i})`).join(", ")};
  for (; steps > 0; steps--) {
    ${sums.map((c) => `${c} = ${multiplyAdd(c)};`).join("\n    ")}
  }
  return ${sums.map((c) => `f32x4.extract_lane(${c}, 0)`).join(" + ")};
}`;

const builds = {
  plain: { features: ["simd"], multiplyAdd: (c) => `f32x4.add(f32x4.mul(${c}, a), b)` },
  relaxed: {
    features: ["simd", "relaxed-simd"],
    multiplyAdd: (c) => `f32x4.relaxed_madd(${c}, a, b)`,
  },
};

/** A function that runs the loop of a build ("plain" or "relaxed"), and its GFLOP for one run. */
export async function ceilingLoop(build) {
  const { features, multiplyAdd } = builds[build];
  const files = { "loop.ts": source(multiplyAdd) };
  const options = [
    ...["loop.ts", "--outFile", "loop.wasm", "-O3", "--runtime", "stub"],
    ...features.flatMap((feature) => ["--enable", feature]),
  ];
  const { error, stderr } = await asc.main(options, {
    readFile: (name) => files[name] ?? null,
    writeFile: (name, contents) => {
      files[name] = contents;
    },
    listFiles: () => [],
  });
  if (error) throw new Error(`The loop for the ceiling does not compile: ${stderr}`);
  const { instance } = await WebAssembly.instantiate(files["loop.wasm"], {
    env: { abort: () => {} },
  });
  return { run: () => instance.exports.run(1e-6, STEPS), gflop: FLOPS / 1e9 };
}
