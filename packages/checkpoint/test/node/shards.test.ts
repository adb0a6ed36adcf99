import { writeFileSync } from "node:fs";
import { cpu } from "@tead/backend-cpu";
import { arange, setDefaultDevice } from "@tead/tensor";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { safeOpenSharded as openAnywhere, SafetensorsError } from "../../src/index.ts";
import { safeOpenSharded, saveFile } from "../../src/node.ts";
import { useTemporaryFolder } from "./temporary-folder.ts";

const path = useTemporaryFolder();
beforeAll(() => setDefaultDevice(cpu()));
afterAll(() => setDefaultDevice(undefined));

const name = "model.safetensors.index.json";
const writeIndex = (map: Readonly<Record<string, unknown>>): void =>
  writeFileSync(path(name), JSON.stringify({ metadata: { total_size: 20 }, weight_map: map }));

describe("safeOpenSharded()", () => {
  it("reads tensors from the files that the index names", async () => {
    await saveFile({ "a.weight": arange(2), "a.bias": arange(3) }, path("1.safetensors"));
    await saveFile({ "b.weight": arange(4) }, path("2.safetensors"));
    const files = { "b.weight": "2", "a.weight": "1", "a.bias": "1", lost: "3" };
    writeIndex(Object.fromEntries(Object.entries(files).map(([k, n]) => [k, `${n}.safetensors`])));
    const model = await safeOpenSharded(path(name));
    expect(model.keys()).toEqual(Object.keys(files));
    expect(model.metadata()).toEqual({ total_size: 20 });
    const [b, a] = await Promise.all([model.getTensor("b.weight"), model.getTensor("a.bias")]);
    expect([b.tolistSync(), a.tolistSync()]).toEqual([
      [0, 1, 2, 3],
      [0, 1, 2],
    ]);
    expect((await model.info("a.weight")).shape).toEqual([2]);
    await expect(model.getTensor("lost")).rejects.toThrow("3.safetensors");
    await expect(model.getTensor("c")).rejects.toThrow(
      `getTensor: Cannot find "c" in ${path(name)}: expected one of 4 names, see keys()`,
    );
    await model.close();
    await expect(model.getTensor("a.bias")).rejects.toThrow(
      `getTensor: Cannot read ${path(name)}: expected an open file, received a closed one`,
    );
  });

  it.each([
    "../secret",
    "/etc/passwd",
    "a/b.safetensors",
    "..",
    "C:\\x",
    "http://elsewhere",
    "%2e%2e",
    "x?y",
    "",
    3,
  ])("refuses a file that is not beside the index: %s", async (file) => {
    writeIndex({ a: file });
    await expect(safeOpenSharded(path(name))).rejects.toThrow(
      `safeOpenSharded: Cannot read ${path(name)}: at byte 0: "a": expected the name of a file beside the index, received ${JSON.stringify(file)}`,
    );
  });

  it.each([["{"], ["[]"], ["{}"], ['{"weight_map": []}'], ['{"weight_map": {}, "metadata": 1}']])(
    "refuses the index %s",
    async (text) => {
      writeFileSync(path(name), text);
      await expect(safeOpenSharded(path(name))).rejects.toThrow(SafetensorsError);
    },
  );

  it("asks where the files of an index in memory are", async () => {
    const index = new TextEncoder().encode('{"weight_map": {"a": "1.safetensors"}}');
    const model = await openAnywhere(index);
    await expect(model.getTensor("a")).rejects.toThrow(
      "safeOpenSharded: Cannot find 1.safetensors: expected option shard, received none",
    );
  });
});
