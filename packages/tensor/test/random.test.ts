import { cpu } from "@tead/backend-cpu";
import { empty, Generator, manualSeed, rand, randn, setDefaultDevice, zeros } from "@tead/tensor";
import { describe, expect, test } from "vitest";
import { type Case, camelCase, expectTensors, fixture, replay, titleOf } from "./support/cases.ts";

setDefaultDevice(cpu());
const { cases } = fixture("random");
const isTransposed = (c: Case): boolean => c.op.startsWith("transposed_");

describe("a random tensor holds the numbers that PyTorch draws", () => {
  const plain = cases.filter((c) => !isTransposed(c));
  test.each(plain.map((c) => [titleOf(c), c] as const))("%s", (_, c) => replay(c));
});

describe("a transposed tensor is filled in the order of memory, as in PyTorch", () => {
  test.each(cases.filter(isTransposed).map((c) => [c.op, c] as const))("%s", (op, c) => {
    manualSeed(c.seed as number);
    const x = empty([5, 4]).t();
    (x as unknown as Record<string, () => void>)[camelCase(op.replace("transposed_", ""))]?.();
    expectTensors([x], c.out ?? []);
  });
});

test("a generator of one's own leaves the default one alone", () => {
  manualSeed(3);
  const expected = rand([4]).tolistSync();
  manualSeed(3);
  const own = new Generator().manualSeed(9);
  randn([20], { generator: own });
  zeros([3]).uniform_(0, 1, { generator: own });
  expect(rand([4]).tolistSync()).toEqual(expected);
});

test("multinomial() awaited draws what multinomialSync() draws", async () => {
  const weights = rand([3, 5]);
  manualSeed(1);
  const sync = weights.multinomialSync(4).tolistSync();
  manualSeed(1);
  expect((await weights.multinomial(4)).tolistSync()).toEqual(sync);
});

test("what cannot be drawn is refused in words", () => {
  expect(() => zeros([2], { dtype: "int32" }).normal_()).toThrow(
    "normal_: Cannot draw real numbers into int32: expected a float dtype",
  );
  expect(() => zeros([2]).normal_(0, -1)).toThrow("expected std >= 0, received -1");
  expect(() => zeros([2]).sub(1).bernoulli()).toThrow(
    "bernoulli: Cannot draw: expected probabilities in [0, 1]",
  );
  expect(() => zeros([2, 2, 2]).multinomialSync(1)).toThrow(
    "multinomial: Weights do not fit: expected [categories] or [rows, categories]",
  );
});
