// Records dispatches and copies into one encoder, and submits them together: at a read, at sync(),
// or when the uniforms of a recording are used up. A training step is one submit.
import { StateError } from "@tead/tensor";
import type { Failing, Failures } from "./failures.ts";
import { bufferUsage, mapRead } from "./flags.ts";
import type { Slot } from "./memory.ts";
import { type Param, type Program, uniformBytes } from "./program.ts";

const uniformAlignment = 256;
/** The uniforms of one recording: 4096 dispatches of the common size. */
const uniformCapacity = uniformAlignment * 4096;
/** How many fallible dispatches one recording may hold. */
const failureCapacity = 4096;

/** Staged uploads after which a recording is submitted: each takes memory until then. */
const mostUploads = 64;

/** Bind groups that are kept; they hold no memory that was destroyed alive. */
const keptBindGroups = 8192;

/** What a fallible dispatch reports when its slot holds a position. */
interface Check {
  readonly call: Failing;
  readonly code: Parameters<Failing["fail"]>[0];
}

export interface Dispatch {
  readonly program: Program;
  /** One slot for each of the program's bindings. */
  readonly slots: readonly Slot[];
  /** One number for each of the program's params. */
  readonly params: readonly number[];
  readonly workgroups: readonly [number, number, number];
  readonly check?: Check | undefined;
}

/** How much work has been handed to the GPU. */
export interface CommandCounts {
  readonly dispatches: number;
  readonly submits: number;
}

export class Commands {
  /** The number of the recording under way. */
  serial = 1;
  readonly #device: GPUDevice;
  readonly #failures: Failures;
  readonly #uniforms: GPUBuffer;
  readonly #failureSlots: GPUBuffer;
  readonly #uniformBytes = new ArrayBuffer(uniformCapacity);
  readonly #writers: Readonly<Record<Param["type"], { [i: number]: number }>> = {
    u32: new Uint32Array(this.#uniformBytes),
    i32: new Int32Array(this.#uniformBytes),
    f32: new Float32Array(this.#uniformBytes),
  };
  readonly #bindGroups = new Map<string, GPUBindGroup>();
  /** Where failures are read, kept for later recordings. */
  readonly #staging: GPUBuffer[] = [];
  readonly #uploadLimit: number;
  #encoder: GPUCommandEncoder | undefined;
  #pass: GPUComputePassEncoder | undefined;
  #uniformOffset = 0;
  #uploaded = 0;
  #uploads = 0;
  #checks: Check[] = [];
  #dispatches = 0;
  #submits = 0;

  /** @param uploadLimit bytes of staged uploads after which a recording is submitted */
  constructor(device: GPUDevice, failures: Failures, uploadLimit: number) {
    this.#device = device;
    this.#uploadLimit = uploadLimit;
    this.#failures = failures;
    this.#uniforms = device.createBuffer({
      label: "uniforms",
      size: uniformCapacity,
      usage: bufferUsage.uniform | bufferUsage.copyTarget,
    });
    this.#failureSlots = device.createBuffer({
      label: "failures",
      size: failureCapacity * 4,
      usage: bufferUsage.storage | bufferUsage.copySource | bufferUsage.copyTarget,
    });
  }

  get counts(): CommandCounts {
    return { dispatches: this.#dispatches, submits: this.#submits };
  }

  /** Records one dispatch. */
  dispatch({ program, slots, params, workgroups, check }: Dispatch): void {
    if (workgroups.includes(0)) return;
    this.#failures.throwIfLost();
    if (program.refused !== undefined) throw program.refused();
    const offset = this.#writeUniforms(program, params, check);
    this.#pass ??= this.#open().beginComputePass();
    this.#pass.setPipeline(program.pipeline);
    this.#pass.setBindGroup(0, this.#bindGroup(program, slots), [offset]);
    this.#pass.dispatchWorkgroups(...workgroups);
    for (const slot of slots) {
      slot.usedIn = this.serial;
      slot.firstOp ??= program.op;
    }
    this.#dispatches++;
  }

  /** Records a copy of bytes; all three numbers are multiples of 4. */
  copy(source: Slot, from: number, target: Slot, to: number, byteLength: number): void {
    this.#outsidePass().copyBufferToBuffer(source.gpu, from, target.gpu, to, byteLength);
    source.usedIn = this.serial;
    target.usedIn = this.serial;
  }

  /** Records that the first bytes become 0. */
  clear(slot: Slot, byteLength: number): void {
    this.#outsidePass().clearBuffer(slot.gpu, 0, byteLength);
    slot.usedIn = this.serial;
  }

  /** Records a copy into a buffer that will be mapped. */
  copyOut(source: Slot, from: number, target: GPUBuffer, byteLength: number): void {
    this.#outsidePass().copyBufferToBuffer(source.gpu, from, target, 0, byteLength);
    source.usedIn = this.serial;
  }

  /** Counts bytes that wait for the next submit; submits when they are many. */
  countUpload(byteLength: number): void {
    this.#uploaded += byteLength;
    this.#uploads++;
    if (this.#uploaded > this.#uploadLimit || this.#uploads === mostUploads) this.flush();
  }

  /** Submits what is recorded. Waits for nothing. */
  flush(): void {
    const encoder = this.#encoder;
    if (encoder === undefined) return;
    const { queue } = this.#device;
    this.#pass?.end();
    const staging = this.#collectFailures(encoder);
    // Both writes take their place after what was submitted before, and before this recording.
    if (this.#uniformOffset > 0)
      queue.writeBuffer(this.#uniforms, 0, this.#uniformBytes, 0, this.#uniformOffset);
    if (staging !== undefined)
      queue.writeBuffer(this.#failureSlots, 0, new Uint32Array(this.#checks.length).fill(~0));
    this.#device.pushErrorScope("validation");
    queue.submit([encoder.finish()]);
    this.#failures.watch(this.#device.popErrorScope().then(submitError));
    if (staging !== undefined) this.#failures.watch(this.#firstFailure(staging, this.#checks));
    this.#submits++;
    this.serial++;
    this.#encoder = undefined;
    this.#pass = undefined;
    this.#uniformOffset = 0;
    this.#uploaded = 0;
    this.#uploads = 0;
    this.#checks = [];
  }

  destroy(): void {
    this.#uniforms.destroy();
    this.#failureSlots.destroy();
    for (const staging of this.#staging) staging.destroy();
  }

  #open(): GPUCommandEncoder {
    this.#encoder ??= this.#device.createCommandEncoder();
    return this.#encoder;
  }

  #outsidePass(): GPUCommandEncoder {
    this.#failures.throwIfLost();
    this.#pass?.end();
    this.#pass = undefined;
    return this.#open();
  }

  /** Where the dispatch's uniforms stand. */
  #writeUniforms({ source }: Program, params: readonly number[], check?: Check): number {
    const size = Math.ceil(uniformBytes(source) / uniformAlignment) * uniformAlignment;
    const full = this.#uniformOffset + size > uniformCapacity;
    if (full || this.#checks.length === failureCapacity) this.flush();
    const offset = this.#uniformOffset;
    this.#uniformOffset += size;
    let at = offset / 4;
    source.params.forEach(({ type }, k) => {
      this.#writers[type][at++] = params[k] as number;
    });
    this.#writers.u32[at++] = 0;
    if (check !== undefined) {
      this.#writers.u32[at] = this.#checks.length;
      this.#checks.push(check);
    }
    return offset;
  }

  /** Made once for the same program and memory: a training loop meets them again in each step. */
  #bindGroup(program: Program, slots: readonly Slot[]): GPUBindGroup {
    let key = program.id;
    for (const slot of slots) key += ` ${slot.id}`;
    const known = this.#bindGroups.get(key);
    if (known !== undefined) return known;
    const { layout, source } = program;
    const entries: GPUBindGroupEntry[] = [
      { binding: 0, resource: { buffer: this.#uniforms, size: uniformBytes(source) } },
    ];
    for (const slot of slots)
      entries.push({ binding: entries.length, resource: { buffer: slot.gpu } });
    if (source.fallible)
      entries.push({ binding: entries.length, resource: { buffer: this.#failureSlots } });
    const made = this.#device.createBindGroup({ layout, entries });
    if (this.#bindGroups.size >= keptBindGroups) this.#bindGroups.clear();
    this.#bindGroups.set(key, made);
    return made;
  }

  #collectFailures(encoder: GPUCommandEncoder): GPUBuffer | undefined {
    const byteLength = this.#checks.length * 4;
    if (byteLength === 0) return undefined;
    const staging = this.#staging.pop() ?? this.#createStaging();
    encoder.copyBufferToBuffer(this.#failureSlots, 0, staging, 0, byteLength);
    return staging;
  }

  #createStaging(): GPUBuffer {
    const usage = bufferUsage.mapRead | bufferUsage.copyTarget;
    const size = failureCapacity * 4;
    return this.#device.createBuffer({ label: "failures read", size, usage });
  }

  /** The error of the first dispatch that reported a position. */
  async #firstFailure(staging: GPUBuffer, checks: readonly Check[]): Promise<Error | undefined> {
    const byteLength = checks.length * 4;
    try {
      await staging.mapAsync(mapRead, 0, byteLength);
    } catch {
      return undefined; // the device was lost, which is said elsewhere
    }
    const positions = new Uint32Array(staging.getMappedRange(0, byteLength).slice(0));
    staging.unmap();
    this.#staging.push(staging);
    const at = positions.findIndex((position) => position !== 0xffffffff);
    if (at < 0) return undefined;
    const { call, code } = checks[at] as Check;
    try {
      call.fail(code, positions[at] as number);
    } catch (error) {
      return error as Error;
    }
    return undefined;
  }
}

function submitError(error: GPUError | null): Error | undefined {
  if (error === null) return undefined;
  return new StateError(`webgpu: Commands are not valid: expected none refused\n${error.message}`, {
    hint: "an error before this one may be the cause",
    cause: error,
  });
}
