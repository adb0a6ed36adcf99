// Random numbers drawn on the device: each invocation turns one Philox block into four elements.
import type { Draw, View } from "@tead/tensor";
import { type Gpu, slotOf } from "../gpu/gpu.ts";
import type { ProgramSource } from "../gpu/program.ts";
import { normals } from "./normal.ts";
import { philox } from "./philox.ts";

interface Distribution {
  /** Functions that `expression` calls. */
  readonly declarations: string;
  /** The four elements made of `words`, with the numbers `p.a` and `p.b`. */
  readonly expression: string;
}

const uniform = "vec4f(words >> vec4u(8u)) * 5.9604644775390625e-8f";
// Products are rounded before they are added to: an adapter may not fuse the two.
const affine = (x: string, factor: string, summand: string): string =>
  `bitcast<vec4f>(bitcast<vec4u>(${x} * ${factor}) ^ vec4u(p.zero)) + ${summand}`;

const distributions: Readonly<Record<Draw["kind"], Distribution>> = {
  uniform: { declarations: "", expression: affine(`${uniform}`, "p.b", "p.a") },
  normal: {
    declarations: normals,
    expression: affine("vec4f(normals(words.xy), normals(words.zw))", "p.b", "p.a"),
  },
  bernoulli: {
    declarations: "",
    expression: `select(vec4f(0), vec4f(1), ${uniform} < vec4f(p.a))`,
  },
};

/** The numbers `p.a` and `p.b`. */
function numbersOf(draw: Draw): readonly [number, number] {
  if (draw.kind === "uniform") return [draw.from, Math.fround(draw.to) - Math.fround(draw.from)];
  if (draw.kind === "normal") return [draw.mean, draw.std];
  return [draw.p, 0];
}

const workgroup = 64;

function sourceOf(kind: Draw["kind"]): ProgramSource {
  const { declarations, expression } = distributions[kind];
  return {
    params: [
      { name: "count", type: "u32" },
      { name: "offset", type: "u32" },
      { name: "keyLow", type: "u32" },
      { name: "keyHigh", type: "u32" },
      { name: "a", type: "f32" },
      { name: "b", type: "f32" },
    ],
    bindings: [{ name: "output", type: "f32", access: "read_write" }],
    workgroup: [workgroup, 1, 1],
    declarations: `${philox}\n${declarations}`,
    main: /* wgsl */ `
  if (i >= (p.count + 3u) / 4u) { return; }
  let first = i * 4u;
  let words = philox(vec4u(i, 0u, 0u, 0u), vec2u(p.keyLow, p.keyHigh));
  let values = ${expression};
  for (var k = 0u; k < min(4u, p.count - first); k++) {
    output[p.offset + first + k] = values[k];
  }`,
  };
}

/**
 * Fills a contiguous float32 view. Element k of a fill is word k mod 4 of Philox 4x32-10 at counter
 * floor(k / 4) under the key: uniform numbers take its high 24 bits, a pair of normal ones two words.
 */
export function drawOn(
  gpu: Gpu,
  output: View,
  draw: Draw,
  [keyHigh, keyLow]: readonly [number, number],
): void {
  const count = output.shape.reduce((product, size) => product * size, 1);
  gpu.run({
    op: draw.kind,
    key: `draw ${draw.kind}`,
    source: () => sourceOf(draw.kind),
    buffers: [slotOf(output)],
    params: [count, output.offset, keyLow, keyHigh, ...numbersOf(draw)],
    groups: Math.ceil(count / 4 / workgroup),
  });
}
