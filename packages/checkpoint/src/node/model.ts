// Whole models in files.
import type { Readable } from "../bytes/source.ts";
import type { SavableModule } from "../model/encode.ts";
import {
  type LoadModelOptions,
  modelParts,
  readModel,
  type SaveModelOptions,
} from "../model/model.ts";
import { anySource } from "./file-source.ts";
import { writeFileAtomic } from "./write-file-atomic.ts";

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
  options: SaveModelOptions,
): Promise<void> {
  await writeFileAtomic(path, await modelParts(model, options));
}

/**
 * The model that {@link saveModel} saved: `loadModel` of the main entry, with paths. No constructor
 * of a module runs and nothing in the file is code: its objects get the fields that they had.
 *
 * @typeParam M - What the model is known to be; nothing checks it.
 * @param input - A path or `file:` URL, or what the main entry's `loadModel` takes.
 * @param options - `classes`, `device`.
 * @throws StateError if a class is not among `classes`, or the file holds no model.
 * @throws SafetensorsError if the file is damaged.
 * @throws UnsupportedError if a newer version wrote it.
 */
export async function loadModel<M = SavableModule>(
  input: string | Readable,
  options: LoadModelOptions,
): Promise<M> {
  return readModel(await anySource("loadModel", input), options);
}
