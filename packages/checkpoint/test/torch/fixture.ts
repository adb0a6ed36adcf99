// Files of PyTorch's: see tools/fixtures/checkpoint_torch.py and checkpoint_torch2.py.
import { readFileSync } from "node:fs";

interface TorchFixture {
  files: {
    title: string;
    file: string;
    value: unknown;
    /** What our save() makes of what our load() read; Python has read it back as the same value. */
    saved?: string;
    /** Whether weights_only=True of the PyTorch that wrote `file` reads `saved`, or its error. */
    weightsOnly?: boolean | string;
  }[];
  refused: { title: string; file: string; refused: string | null }[];
}

const read = (name: string): TorchFixture =>
  JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), "utf8"));
const [older, newer] = [read("torch"), read("torch2")];

/** What PyTorch 1.13 and 2.13 wrote. */
export const fixture: TorchFixture = {
  files: [...older.files, ...newer.files],
  refused: [...older.refused, ...newer.refused],
};

export const fromBase64 = (text: string): Uint8Array =>
  Uint8Array.from(Buffer.from(text, "base64"));

/** The bytes of one file. */
export const fileNamed = (title: string): Uint8Array =>
  fromBase64(fixture.files.find((each) => each.title === title)!.file);
