// Whole models: structure and weights, no code.
import { StateError, type Tensor, UnsupportedError } from "@tead/tensor";
import { concat } from "../bytes/concat.ts";
import { type ByteSource, type Readable, sourceOf } from "../bytes/source.ts";
import { checkpointParts, readCheckpoint } from "../checkpoint.ts";
import { SafetensorsError } from "../errors.ts";
import type { CheckpointValue } from "../structure.ts";
import type { LoadOptions } from "../tensors.ts";
import { decodeModel } from "./decode.ts";
import { encodeModel, type SavableModule } from "./encode.ts";
import type { Classes } from "./registry.ts";

/** The version that is written, and the newest that is read. */
const version = 1;
const format = "tead.model";

interface ModelFile {
  readonly format: string;
  readonly version: number;
  readonly structure: CheckpointValue;
  readonly model: Record<string, Tensor>;
}

/** Options of `saveModel`. */
export interface SaveModelOptions {
  /** The classes that the model is made of, by name: `{ ...nn, MyNet }`. */
  readonly classes: Classes;
}

/** Options of `loadModel`. */
export interface LoadModelOptions extends SaveModelOptions, LoadOptions {}

/**
 * A model whole, as the bytes of a file: its modules by the names of their classes, their fields
 * and their tensors. In Node, `saveModel` of the `/node` entry writes a file.
 *
 * Shared modules and tied parameters stay shared; modes (`eval()`), frozen parameters and buffers
 * stay what they are. Hooks and gradients are not saved. It is a safetensors file in which the
 * tensors stand under their state-dict keys; it holds no code. Its format: the package's README.
 *
 * @param model - A module of @tead/nn, or of a class of yours.
 * @param options - `classes`: every class in it by name. A class of yours keeps its data in
 * ordinary or `private` fields, not in `#private` ones.
 * @throws StateError at the first class or function that is not among `classes`, by its path.
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { loadModel, saveModel } from "@tead/checkpoint";
 * import * as nn from "@tead/nn";
 * import { setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const model = new nn.Sequential(new nn.Linear(4, 4), new nn.ReLU());
 * const blob = new Blob([await saveModel(model, { classes: nn })]);
 * const loaded = await loadModel<nn.Sequential>(blob, { classes: nn });
 * assert.equal(String(loaded), String(model));
 */
export async function saveModel(
  model: SavableModule,
  options: SaveModelOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  return concat(await modelParts(model, options));
}

/** The parts of the file, in order. Everything is read as it is at the call. @internal */
export async function modelParts(
  model: SavableModule,
  { classes }: SaveModelOptions,
): Promise<Uint8Array[]> {
  const { structure, tensors } = encodeModel("saveModel", model, classes);
  return checkpointParts("saveModel", { format, version, structure, model: tensors });
}

/**
 * The model that {@link saveModel} saved. No constructor of a module runs and nothing in the file
 * is code: its objects get the fields that they had.
 *
 * @typeParam M - What the model is known to be; nothing checks it.
 * @param input - Bytes, a `Blob` or `File`, an http(s) `URL`.
 * @param options - `classes`, `device`.
 * @throws StateError if a class is not among `classes`, or the file holds no model.
 * @throws SafetensorsError if the file is damaged.
 * @throws UnsupportedError if a newer version wrote it.
 */
export async function loadModel<M = SavableModule>(
  input: Readable,
  options: LoadModelOptions,
): Promise<M> {
  return readModel(await sourceOf("loadModel", input), options);
}

/** {@link loadModel} of an open file. @internal */
export async function readModel<M>(
  source: ByteSource,
  { classes, ...options }: LoadModelOptions,
): Promise<M> {
  const { name: path } = source;
  const file = await readCheckpoint<ModelFile>("loadModel", source, options);
  if (file.format !== format)
    throw new StateError(
      `loadModel: Cannot read ${path}: expected a file that saveModel wrote, received a checkpoint`,
      { hint: "read it with loadCheckpoint" },
    );
  if (file.version !== version)
    throw new UnsupportedError(
      `loadModel: Cannot read ${path}: expected model version ${version}, received ${file.version}`,
      { hint: "a newer @tead/checkpoint wrote it; update this one" },
    );
  try {
    return decodeModel("loadModel", file.structure, file.model, classes) as M;
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    const problem = `the model's structure is damaged: ${cause.message}`;
    throw new SafetensorsError("loadModel", path, 8, problem, { cause });
  }
}
