// Files of PyTorch's: see tools/fixtures/checkpoint_torch.py.
import { readFileSync } from "node:fs";

interface TorchFixture {
  files: {
    title: string;
    file: string;
    value: unknown;
    /** What our save() makes of what our load() read; Python has read it back as the same value. */
    saved?: string;
    /** Whether 1.13's weights_only reader reads `saved`, or its error. */
    weightsOnly?: boolean | string;
  }[];
  refused: { title: string; file: string; refused: string | null }[];
}

export const fixture: TorchFixture = JSON.parse(
  readFileSync(new URL("../fixtures/torch.json", import.meta.url), "utf8"),
);

export const fromBase64 = (text: string): Uint8Array =>
  Uint8Array.from(Buffer.from(text, "base64"));

/** The bytes of one file. */
export const fileNamed = (title: string): Uint8Array =>
  fromBase64(fixture.files.find((each) => each.title === title)!.file);
