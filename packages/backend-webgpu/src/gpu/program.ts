// A compute program: what a kernel says of its shader, and the WGSL text made of it.
import type { StorageType } from "./layout.ts";

/** A number that the shader reads as `p.name`. */
export interface Param {
  readonly name: string;
  readonly type: "u32" | "i32" | "f32";
}

/** A buffer that the shader sees under `name`. */
export interface Binding {
  readonly name: string;
  /** The element type, `atomic<u32>` and its like, or four floats at a time. */
  readonly type: StorageType | "atomic<u32>" | "atomic<i32>" | "vec4<f32>";
  readonly access: "read" | "read_write";
}

export interface ProgramSource {
  readonly params: readonly Param[];
  readonly bindings: readonly Binding[];
  readonly workgroup: readonly [number, number, number];
  /** Functions, types and workgroup variables that `main` uses. */
  readonly declarations?: string;
  /**
   * The statements of `main`. They see `p` (with `p.zero`, which is 0), the buffers, `local` (the invocation's place in its
   * workgroup, flat), `group` (the workgroup's number, flat) and `i` (the invocation's number).
   */
  readonly main: string;
  /** Whether `fail(position)` may be called. */
  readonly fallible?: boolean;
}

/**
 * What every program has after its own params: a 0 that the compiler cannot know, and where a
 * fallible program reports.
 */
const hiddenParams: readonly Param[] = [
  { name: "zero", type: "u32" },
  { name: "failureSlot", type: "u32" },
];

/** A program that compiled, or whose error waits in the failures. */
export interface Program {
  /** Unique on its device. */
  readonly id: string;
  readonly op: string;
  readonly source: ProgramSource;
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  /** Makes the error that says what is wrong with it, once that is known. */
  refused: (() => Error) | undefined;
}

/** The bytes of a program's uniforms: its params, zero, and where it reports. */
export function uniformBytes({ params }: ProgramSource): number {
  return Math.ceil((params.length + hiddenParams.length) / 4) * 16;
}

const failDeclaration = /* wgsl */ `
fn fail(position: u32) { atomicMin(&failures[p.failureSlot], position); }`;

/** The shader's text. */
export function wgslOf(source: ProgramSource): string {
  const { bindings, workgroup, fallible = false } = source;
  const half = bindings.some(({ type }) => type === "f16");
  const fields = [...source.params, ...hiddenParams].map(({ name, type }) => `  ${name}: ${type},`);
  const buffers = bindings.map(
    ({ name, type, access }, i) =>
      `@group(0) @binding(${i + 1}) var<storage, ${access}> ${name}: array<${type}>;`,
  );
  if (fallible)
    buffers.push(
      `@group(0) @binding(${bindings.length + 1}) ` +
        "var<storage, read_write> failures: array<atomic<u32>>;",
    );
  const threads = workgroup[0] * workgroup[1] * workgroup[2];
  return `${half ? "enable f16;\n" : ""}struct Params {
${fields.join("\n")}
}
@group(0) @binding(0) var<uniform> p: Params;
${buffers.join("\n")}
${fallible ? failDeclaration : ""}
${source.declarations ?? ""}
@compute @workgroup_size(${workgroup.join(", ")})
fn main(
  @builtin(workgroup_id) workgroupId: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let group = (workgroupId.z * workgroups.y + workgroupId.y) * workgroups.x + workgroupId.x;
  let i = group * ${threads}u + local;
${source.main}
}
`;
}
