// Pipelines and bind-group layouts, each made once. A shader that does not compile is reported on
// the next await, with the op that it belongs to.
import { StateError } from "@tead/tensor";
import type { Failures } from "./failures.ts";
import { computeStage } from "./flags.ts";
import { type Program, type ProgramSource, wgslOf } from "./program.ts";

function refusal(op: string, cause: GPUError): Error {
  return new StateError(`Shader does not compile: expected valid WGSL\n${cause.message}`, {
    op,
    hint: "this is a fault of the backend: please report it with your browser and GPU",
    cause,
  });
}

export class Pipelines {
  readonly #device: GPUDevice;
  readonly #failures: Failures;
  readonly #programs = new Map<string, Program>();
  readonly #layouts = new Map<string, GPUBindGroupLayout>();

  constructor(device: GPUDevice, failures: Failures) {
    this.#device = device;
    this.#failures = failures;
  }

  /** How many programs have been made. */
  get count(): number {
    return this.#programs.size;
  }

  /** The program under `key`; the key says all that its source depends on. */
  get(op: string, key: string, source: () => ProgramSource): Program {
    const known = this.#programs.get(key);
    if (known !== undefined) return known;
    const program = this.#compile(op, key, source());
    this.#programs.set(key, program);
    return program;
  }

  #compile(op: string, key: string, source: ProgramSource): Program {
    const device = this.#device;
    const layout = this.#layout(source);
    device.pushErrorScope("validation");
    const module = device.createShaderModule({ label: key, code: wgslOf(source) });
    const pipeline = device.createComputePipeline({
      label: key,
      layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
      compute: { module, entryPoint: "main" },
    });
    const id = String(this.#programs.size);
    const program: Program = { id, op, source, pipeline, layout, refused: undefined };
    this.#failures.watch(
      device.popErrorScope().then((error) => {
        if (error !== null) program.refused = () => refusal(op, error);
        return program.refused?.();
      }),
    );
    return program;
  }

  /** Binding 0 holds the uniforms; the buffers follow; a fallible program's failures come last. */
  #layout(source: ProgramSource): GPUBindGroupLayout {
    const { bindings, fallible = false } = source;
    const kinds = bindings.map(({ access }) => access === "read");
    if (fallible) kinds.push(false);
    const key = kinds.map((read) => (read ? "r" : "w")).join("");
    let layout = this.#layouts.get(key);
    if (layout === undefined) {
      layout = this.#device.createBindGroupLayout({
        label: key,
        entries: [
          {
            binding: 0,
            visibility: computeStage,
            buffer: { type: "uniform", hasDynamicOffset: true },
          },
          ...kinds.map((read, i) => ({
            binding: i + 1,
            visibility: computeStage,
            buffer: { type: read ? "read-only-storage" : "storage" } as const,
          })),
        ],
      });
      this.#layouts.set(key, layout);
    }
    return layout;
  }
}
