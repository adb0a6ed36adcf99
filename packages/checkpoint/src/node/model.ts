// Whole models in files: structure and weights, no code.
import { StateError, type Tensor, UnsupportedError } from "@tead/tensor";
import { SafetensorsError } from "../errors.ts";
import { decodeModel } from "../model/decode.ts";
import { encodeModel, type SavableModule } from "../model/encode.ts";
import type { Classes } from "../model/registry.ts";
import type { CheckpointValue } from "../structure.ts";
import type { LoadOptions } from "../tensors.ts";
import { loadCheckpoint, saveCheckpoint } from "./checkpoint.ts";

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
 * Saves a model whole: its modules by the names of their classes, their fields and their tensors.
 * Shared modules and tied parameters stay shared; modes (`eval()`), frozen parameters and buffers
 * stay what they are. Hooks and gradients are not saved.
 *
 * The file is a safetensors file in which the tensors stand under their state-dict keys; it holds
 * no code. Its format: the package's README.
 *
 * @param model - A module of @tead/nn, or of a class of yours.
 * @param path - The file to make or to replace.
 * @param options - `classes`: every class in it by name. A class of yours keeps its data in
 * ordinary or `private` fields, not in `#private` ones.
 * @throws StateError at the first class or function that is not among `classes`, by its path.
 * @example
 * import assert from "node:assert/strict";
 * import { mkdtempSync } from "node:fs";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { cpu } from "@tead/backend-cpu";
 * import { loadModel, saveModel } from "@tead/checkpoint/node";
 * import * as nn from "@tead/nn";
 * import { ones, setDefaultDevice, type Tensor } from "@tead/tensor";
 *
 * class Residual extends nn.Module {
 *   readonly inner: nn.Layer;
 *   constructor(inner: nn.Layer) {
 *     super();
 *     this.inner = inner;
 *   }
 *   override forward(x: Tensor): Tensor {
 *     return x.add(this.inner.forward(x));
 *   }
 * }
 * setDefaultDevice(cpu());
 * const path = join(mkdtempSync(join(tmpdir(), "tead-")), "model.safetensors");
 * const model = new Residual(new nn.Sequential(new nn.Linear(4, 4), new nn.ReLU()));
 * const classes = { ...nn, Residual };
 * await saveModel(model, path, { classes });
 * const loaded = await loadModel<Residual>(path, { classes });
 * assert.equal(String(loaded), String(model));
 * const x = ones([1, 4]);
 * assert.deepEqual(await loaded.forward(x).tolist(), await model.forward(x).tolist());
 */
export async function saveModel(
  model: SavableModule,
  path: string,
  { classes }: SaveModelOptions,
): Promise<void> {
  const { structure, tensors } = encodeModel("saveModel", model, classes);
  await saveCheckpoint(path, { format, version, structure, model: tensors });
}

/**
 * The model that {@link saveModel} saved. No constructor of a module runs and nothing in the file
 * is code: its objects get the fields that they had.
 *
 * @typeParam M - What the model is known to be; nothing checks it.
 * @param path - The file.
 * @param options - `classes`, `device`.
 * @throws StateError if a class is not among `classes`, or the file holds no model.
 * @throws SafetensorsError if the file is damaged.
 * @throws UnsupportedError if a newer version wrote it.
 */
export async function loadModel<M = SavableModule>(
  path: string,
  { classes, ...options }: LoadModelOptions,
): Promise<M> {
  const file = await loadCheckpoint<ModelFile>(path, options);
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
