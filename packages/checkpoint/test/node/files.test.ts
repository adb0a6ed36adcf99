import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { cpu } from "@tead/backend-cpu";
import { arange, noGrad, setDefaultDevice, tensor } from "@tead/tensor";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SafetensorsError } from "../../src/index.ts";
import { loadFile, safeOpen, saveFile } from "../../src/node.ts";
import { fixture, fromBase64 } from "../fixture.ts";
import { useTemporaryFolder } from "./temporary-folder.ts";

const path = useTemporaryFolder();
beforeAll(() => setDefaultDevice(cpu()));
afterAll(() => setDefaultDevice(undefined));

describe("saveFile() and loadFile()", () => {
  it.each(fixture.written)("write and read the reference's file of $title", async (each) => {
    writeFileSync(path("in"), fromBase64(each.file));
    const tensors = await loadFile(path("in"));
    await saveFile(tensors, path("out"), { metadata: each.metadata ?? {} });
    expect(readFileSync(path("out")).toString("base64")).toBe(each.file);
  });

  it.each(fixture.refused)("take $title as the reference does: $accepted", async (each) => {
    writeFileSync(path("in"), fromBase64(each.file));
    const read = loadFile(path("in"));
    if (each.accepted) await read;
    else await expect(read).rejects.toThrow(SafetensorsError);
  });

  it("read tensors as they are at the call", async () => {
    const weight = tensor([1, 2]);
    const saving = saveFile({ weight }, path("w"));
    noGrad(() => weight.add_(10));
    await saving;
    expect(await (await loadFile(path("w"))).weight!.tolist()).toEqual([1, 2]);
  });

  it("name the file and the offset where it ends too early", async () => {
    await saveFile({ a: arange(10) }, path("w"));
    truncateSync(path("w"), 90);
    const error = await loadFile(path("w")).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(SafetensorsError);
    expect(error).toMatchObject({ file: path("w"), offset: 9 });
    expect((error as Error).message).toBe(
      `loadFile: Cannot read ${path("w")}: at byte 9: "a": expected a file of at least 104 bytes, received 90`,
    );
  });

  it("refuse a bool that is neither 0 nor 1", async () => {
    await saveFile({ flags: tensor([true, false]) }, path("w"));
    const bytes = readFileSync(path("w"));
    bytes[bytes.length - 1] = 9;
    writeFileSync(path("w"), bytes);
    await expect(loadFile(path("w"))).rejects.toMatchObject({ offset: bytes.length - 1 });
  });

  it("say so when there is no file", async () => {
    await expect(loadFile(path("none"))).rejects.toThrow(/ENOENT.*none/);
  });
});

describe("safeOpen()", () => {
  it("reads one tensor at a time, whatever else the file holds", async () => {
    await saveFile({ flags: tensor([true]), a: arange(4), b: tensor([0.5]) }, path("w"), {
      metadata: { epoch: "3" },
    });
    // A bool in the file that is none: only who reads it will see.
    const bytes = readFileSync(path("w"));
    bytes[bytes.length - 1] = 7;
    writeFileSync(path("w"), bytes);
    await using file = await safeOpen(path("w"));
    expect(file.keys()).toEqual(["b", "a", "flags"]);
    expect(file.metadata()).toEqual({ epoch: "3" });
    expect(file.info("a")).toEqual({ dtype: "int32", shape: [4] });
    const both = await Promise.all([file.getTensor("a"), file.getTensor("b")]);
    expect(await Promise.all(both.map((each) => each.tolist()))).toEqual([[0, 1, 2, 3], [0.5]]);
    await expect(file.getTensor("flags")).rejects.toThrow(
      `getTensor: Cannot read ${path("w")}: at byte ${bytes.length - 1}: "flags": expected a bool of 0 or 1, received 7`,
    );
  });

  it("names what there is when a name is not", async () => {
    const names = Object.fromEntries([..."abcdefg"].map((name) => [name, tensor([1])]));
    await saveFile(names, path("w"));
    await using file = await safeOpen(path("w"));
    await expect(file.getTensor("x")).rejects.toThrow(
      `getTensor: Cannot find "x" in ${path("w")}: expected one of "a", "b", "c", "d", "e", 2 more`,
    );
    expect(() => file.info("constructor")).toThrow(RangeError);
  });

  it("notices that the file has become shorter", async () => {
    await saveFile({ a: arange(100) }, path("w"));
    await using file = await safeOpen(path("w"));
    truncateSync(path("w"), 200);
    await expect(file.getTensor("a")).rejects.toMatchObject({
      name: "SafetensorsError",
      offset: 200,
    });
  });

  it("checks the header before it returns", async () => {
    writeFileSync(path("w"), "not a safetensors file");
    await expect(safeOpen(path("w"))).rejects.toThrow(
      `safeOpen: Cannot read ${path("w")}: at byte 0: expected a header of at most 100000000 bytes`,
    );
    writeFileSync(path("w"), "");
    await expect(safeOpen(path("w"))).rejects.toThrow(
      "expected 8 bytes of header length, received 0",
    );
  });
});
