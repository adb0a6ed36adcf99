// Files of the reference implementation: see tools/fixtures/checkpoint_safetensors.py.
import { readFileSync } from "node:fs";
import type { DType } from "@tead/tensor";
import type { TensorBytes } from "../src/index.ts";

interface Written {
  title: string;
  tensors: { name: string; dtype: DType; shape: number[]; bits: string }[];
  metadata: Record<string, string> | null;
  file: string;
}

interface Fixture {
  written: Written[];
  refused: { title: string; file: string; accepted: boolean }[];
}

export const fixture: Fixture = JSON.parse(
  readFileSync(new URL("./fixtures/safetensors.json", import.meta.url), "utf8"),
);

export const fromBase64 = (text: string): Uint8Array =>
  Uint8Array.from(Buffer.from(text, "base64"));

/** The tensors of a case, by name, in the order of the script. */
export function bytesOfCase({ tensors }: Written): Record<string, TensorBytes> {
  const entries = tensors.map(({ name, dtype, shape, bits }) => {
    return [name, { dtype, shape, data: fromBase64(bits) }] as const;
  });
  return Object.fromEntries(entries);
}
