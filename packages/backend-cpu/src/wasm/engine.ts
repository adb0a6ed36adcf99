// Loads the WebAssembly kernels: picks the build that this engine can run, instantiates it on first use, and owns the
// scratch memory that operands are copied through. Nothing outside src/wasm and src/threads sees that memory.
import type { KernelExports, WasmMemory } from "./exports.ts";
import { plainWasm } from "./generated/plain.ts";
import { relaxedWasm } from "./generated/relaxed.ts";

/** Which compiled build of the kernels runs: plain SIMD, relaxed SIMD (fused multiply-add), or none. */
export type WasmBuild = "plain" | "relaxed";

/** The few parts of the WebAssembly API used here, so that no DOM types are needed. */
interface WebAssemblyApi {
  validate(bytes: Uint8Array): boolean;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports?: object) => { readonly exports: unknown };
  Memory: new (descriptor: { initial: number; maximum: number; shared?: boolean }) => WasmMemory;
}

interface Globals {
  readonly WebAssembly?: WebAssemblyApi;
  readonly atob?: (text: string) => string;
}

/** The kernels of one instance with views of its memory. The views are replaced whenever the memory grows. */
export interface Engine {
  readonly build: WasmBuild;
  readonly kernels: KernelExports;
  readonly memory: WasmMemory;
  /** Whether worker threads see the memory: the engine that src/threads gives for large jobs. */
  readonly shared: boolean;
  /** First byte of the memory that nobody holds from call to call, 64-byte aligned: packed weights raise it. */
  base: number;
  f32: Float32Array;
  i32: Int32Array;
  f64: Float64Array;
}

const PAGE_BYTES = 65536;

/** A module of one function `() => op(splat(0), ...)`; valid exactly where the SIMD operation is known. */
const probe = (operands: number, ...opcode: number[]): Uint8Array => {
  const body = [0];
  for (let i = 0; i < operands; i++) body.push(0x41, 0, 0xfd, 0x0f);
  body.push(...opcode, 0x0b);
  const code = [0x0a, body.length + 2, 1, body.length, ...body];
  const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7b, 3, 2, 1, 0];
  return Uint8Array.from([...header, ...code]);
};
const SIMD_PROBE = probe(1);
const RELAXED_PROBE = probe(3, 0xfd, 0x85, 0x02);

const decodeBase64 = (text: string): Uint8Array => {
  const decode = (globalThis as Globals).atob;
  if (!decode) throw new TypeError("atob is missing");
  const binary = decode(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
};

const supportedBuild = (): WasmBuild | undefined => {
  const api = (globalThis as Globals).WebAssembly;
  if (!api?.validate(SIMD_PROBE)) return undefined;
  return api.validate(RELAXED_PROBE) ? "relaxed" : "plain";
};

/** The most pages that the module lets its memory have. */
const MOST_PAGES = 65536;
/** How the import of the memory reads in the module: "env", "memory", then the flag of its limits. */
const MEMORY_IMPORT = [3, 0x65, 0x6e, 0x76, 6, 0x6d, 0x65, 0x6d, 0x6f, 0x72, 0x79, 2];
const LIMITED = 1;
const LIMITED_SHARED = 3;

/** The module of a build; for a shared memory its import says so, which is one bit of it. */
const compile = (build: WasmBuild, shared: boolean): object => {
  const api = (globalThis as Globals).WebAssembly as WebAssemblyApi;
  const bytes = decodeBase64(build === "relaxed" ? relaxedWasm : plainWasm);
  let flag = 0;
  while (!MEMORY_IMPORT.every((byte, i) => bytes[flag + i] === byte)) flag++;
  bytes[flag + MEMORY_IMPORT.length] = shared ? LIMITED_SHARED : LIMITED;
  return new api.Module(bytes);
};

/** Every thread's own scratch area, at the start of the memory: `setScratch` in assembly/common.ts. */
export const THREAD_BYTES: number = 1 << 20;

/** An instance whose memory holds the scratch areas of `threads` threads, then the operands. */
const instantiate = (
  build: WasmBuild,
  module: object,
  memory: WasmMemory,
  threads: number,
  shared: boolean,
): Engine => {
  const api = (globalThis as Globals).WebAssembly as WebAssemblyApi;
  const instance = new api.Instance(module, { env: { memory } });
  const kernels = instance.exports as KernelExports;
  const first = (kernels.heapBase() + 63) & ~63;
  const base = first + threads * THREAD_BYTES;
  const views = { f32: new Float32Array(0), i32: new Int32Array(0), f64: new Float64Array(0) };
  const engine: Engine = { build, kernels, memory, shared, base, ...views };
  reserve(engine, 0);
  kernels.setScratch(first);
  return engine;
};

const instantiatePrivate = (build: WasmBuild): Engine => {
  const api = (globalThis as Globals).WebAssembly as WebAssemblyApi;
  const memory = new api.Memory({ initial: 1, maximum: MOST_PAGES });
  return instantiate(build, compile(build, false), memory, 1, false);
};

/** What a pool of threads needs: an engine on shared memory, and what its workers make theirs from. */
export interface SharedEngine {
  readonly engine: Engine;
  readonly module: object;
  /** The scratch area of thread 0, the caller; THREAD_BYTES from one to the next. */
  readonly scratch: number;
}

/** An engine of this build on a new shared memory. Throws where memory cannot be shared. */
export function sharedEngine(build: WasmBuild, threads: number): SharedEngine {
  const api = (globalThis as Globals).WebAssembly as WebAssemblyApi;
  // A quarter of the address space: hosts set it aside at once.
  const memory = new api.Memory({ initial: 1, maximum: MOST_PAGES / 4, shared: true });
  const module = compile(build, true);
  const engine = instantiate(build, module, memory, threads, true);
  return { engine, module, scratch: engine.base - threads * THREAD_BYTES };
}

let current: Engine | null | undefined;

const load = (): Engine | null => {
  const build = supportedBuild();
  if (!build) return null;
  try {
    return instantiatePrivate(build);
  } catch {
    // Compiling synchronously may be refused (an old browser's main thread, a content security policy).
    return null;
  }
};

/** Whether the SIMD kernels can run here; if not, callers use the TypeScript twins. Loads the kernels. */
export function wasmAvailable(): boolean {
  if (current === undefined) current = load();
  return current !== null;
}

/** The loaded engine. Callers have asked `wasmAvailable()` before. */
export function wasmEngine(): Engine {
  if (current) return current;
  if (!wasmAvailable()) throw new TypeError("WebAssembly SIMD is not available here");
  return current as unknown as Engine;
}

/** Chooses a build by hand, for tests and measurements: "none" turns the kernels off, "auto" decides anew. */
export function setWasmBuild(build: WasmBuild | "none" | "auto"): void {
  if (build === "auto") current = undefined;
  else if (build === "none") current = null;
  else current = instantiatePrivate(build);
}

/** Makes sure that `bytes` of scratch memory exist from `engine.base` on, and returns that address. */
export function reserve(engine: Engine, bytes: number): number {
  const missing = engine.base + bytes - engine.f32.byteLength;
  if (missing > 0) {
    engine.memory.grow(Math.ceil(missing / PAGE_BYTES));
    const { buffer } = engine.memory;
    engine.f32 = new Float32Array(buffer);
    engine.i32 = new Int32Array(buffer);
    engine.f64 = new Float64Array(buffer);
  }
  return engine.base;
}

/** What runs: the build, and the rows and columns of its matmul register tile. */
export interface WasmInfo {
  readonly available: boolean;
  readonly build: WasmBuild | "none";
  readonly tile: readonly [rows: number, columns: number];
}

/** Which build was chosen, and its matmul tile. */
export function wasmInfo(): WasmInfo {
  if (!wasmAvailable()) return { available: false, build: "none", tile: [0, 0] };
  const engine = wasmEngine();
  return { available: true, build: engine.build, tile: [engine.kernels.panelRows(), 8] };
}

/** Bytes of WebAssembly memory held now, scratch and packed weights; it never shrinks, so this is also the most ever needed. */
export function wasmScratchBytes(): number {
  return current ? current.f32.byteLength : 0;
}
