// The inputs and results of tools/fixtures/autograd_functional.py.
import { readFileSync } from "node:fs";
import { Tensor, tensor } from "@tead/tensor";
import { expect } from "vitest";

interface Encoded {
  readonly shape: readonly number[];
  readonly values: number[];
}
type Tree = Encoded | readonly Tree[];
interface Fixture {
  readonly inputs: Readonly<Record<string, Encoded>>;
  readonly results: Readonly<Record<string, Tree>>;
}
type Found = Tensor | readonly Found[];

const url = new URL("./fixtures/functional.json", import.meta.url);
const fixture = JSON.parse(readFileSync(url, "utf8")) as Fixture;

/** One of PyTorch's inputs. */
export function input(name: string): Tensor {
  const { shape, values } = fixture.inputs[name] as Encoded;
  return tensor(values, { shape, dtype: "float64" });
}

/** Fails unless a result is PyTorch's, nested in the same way, to 1e-12. */
export function expectResult(name: string, found: Found): void {
  compare(name, found, fixture.results[name] as Tree);
}

function compare(where: string, found: Found, expected: Tree): void {
  if (found instanceof Tensor) {
    const { shape, values } = expected as Encoded;
    expect(found.shape, where).toEqual(shape);
    found.dataSync().forEach((value, i) => {
      const wanted = values[i] as number;
      expect(Math.abs(Number(value) - wanted), `${where} [${i}]`).toBeLessThanOrEqual(
        1e-12 * Math.max(1, Math.abs(wanted)),
      );
    });
    return;
  }
  const list = expected as readonly Tree[];
  expect(found.length, where).toBe(list.length);
  for (const [i, one] of found.entries()) compare(`${where}.${i}`, one, list[i] as Tree);
}
