import { cpu } from "@tead/backend-cpu";
import {
  arange,
  broadcastShapes,
  contiguousStrides,
  type Geometry,
  inferShape,
  isContiguous,
  numelOf,
  type Shape,
  selfOverlaps,
  setDefaultDevice,
  slice,
  type Tensor,
  viewStrides,
} from "@tead/tensor";
import fc from "fast-check";
import { describe, expect, test } from "vitest";

setDefaultDevice(cpu());

/** The naive model of a view: where each of its elements lies, in row-major order. */
function places({ shape, strides, offset }: Geometry): number[] {
  if (shape.length === 0) return [offset];
  return Array.from({ length: shape[0] as number }, (_, i) =>
    places({
      shape: shape.slice(1),
      strides: strides.slice(1),
      offset: offset + i * (strides[0] as number),
    }),
  ).flat();
}

type Step = (t: Tensor) => Tensor;
const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
const fraction = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
/** A view step, drawn by fractions so that it fits whatever tensor it meets. */
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(fraction, fraction).map(
    ([a, b]): Step =>
      (t) =>
        t.ndim === 0 ? t : t.transpose(Math.floor(a * t.ndim), Math.floor(b * t.ndim)),
  ),
  fc.tuple(fraction, fraction, fc.integer({ min: 1, max: 3 })).map(
    ([a, b, by]): Step =>
      (t) => {
        if (t.ndim === 0) return t;
        const dim = Math.floor(a * t.ndim);
        return t.sliceDim(dim, { start: Math.floor(b * t.size(dim)), step: by });
      },
  ),
  fraction.map(
    (a): Step =>
      (t) =>
        t.unsqueeze(Math.floor(a * (t.ndim + 1))),
  ),
  fraction.map(
    (a): Step =>
      (t) => {
        const dim = Math.floor(a * Math.max(t.ndim, 1));
        if (t.ndim === 0 || t.size(dim) !== 1) return t;
        return t.expand(t.shape.with(dim, 3));
      },
  ),
  fraction.map(
    (a): Step =>
      (t) => {
        if (t.ndim < 2) return t;
        const dim = Math.floor(a * t.ndim);
        return t.select(dim, t.size(dim) - 1);
      },
  ),
);
const views = fc
  .tuple(shapes, fc.array(step, { maxLength: 5 }))
  .map(([shape, steps]) => steps.reduce((t, f) => f(t), arange(numelOf(shape)).reshape(shape)));

/** Another shape of as many elements: the prime factors dealt out anew. */
function regroup(count: number, cuts: readonly number[]): number[] {
  const shape: number[] = [];
  let rest = count;
  for (const cut of cuts) {
    const divisors = Array.from({ length: rest }, (_, i) => i + 1).filter((d) => rest % d === 0);
    const size = divisors[Math.floor(cut * divisors.length)] ?? 1;
    shape.push(size);
    rest /= size;
  }
  return [...shape, rest];
}

describe("views agree with a naive model of memory", () => {
  test("a chain of views shows the elements that its geometry names", () => {
    fc.assert(
      fc.property(views, (t) => {
        expect([...t.dataSync()]).toEqual(places(t));
      }),
    );
  });

  test("viewStrides() shows the same elements in the same order, or refuses", () => {
    fc.assert(
      fc.property(views, fc.array(fraction, { maxLength: 3 }), (t, cuts) => {
        const shape = regroup(t.numel(), cuts);
        const strides = viewStrides(t, shape);
        if (strides !== undefined)
          expect(places({ shape, strides, offset: t.offset })).toEqual(places(t));
        // Refused only where no strides at all could show it.
        else expect(strideable(places(t), shape)).toBe(false);
        expect([...t.reshape(shape).dataSync()]).toEqual(places(t));
      }),
      { numRuns: 300 },
    );
  });

  test("isContiguous() says whether the elements follow one another", () => {
    fc.assert(
      fc.property(views, (t) => {
        const found = places(t);
        const follow = found.every((place, i) => i === 0 || place === (found[i - 1] ?? 0) + 1);
        expect(isContiguous(t)).toBe(follow);
      }),
    );
  });

  test("selfOverlaps() finds every view in which two elements share a place", () => {
    fc.assert(
      fc.property(views, (t) => {
        const found = places(t);
        const shared = new Set(found).size < found.length;
        // It may be careful, never careless.
        if (shared) expect(selfOverlaps(t)).toBe(true);
        if (isContiguous(t)) expect(selfOverlaps(t)).toBe(false);
      }),
    );
  });

  test("writing through a view writes those places and no others", () => {
    fc.assert(
      fc.property(shapes, fc.array(step, { maxLength: 4 }), (shape, steps) => {
        const base = arange(numelOf(shape)).reshape(shape);
        const view = steps.reduce((t, f) => f(t), base);
        fc.pre(!selfOverlaps(view));
        view.fill_(-1);
        const written = new Set(places(view));
        const expected = places(base).map((i) => (written.has(i) ? -1 : i));
        expect([...base.dataSync()]).toEqual(expected);
      }),
    );
  });

  test("at() with ranges equals slicing nested arrays", () => {
    const range = fc.tuple(
      fc.integer({ min: -6, max: 6 }),
      fc.integer({ min: -6, max: 6 }),
      fc.integer({ min: 1, max: 3 }),
    );
    fc.assert(
      fc.property(range, range, (rows, columns) => {
        const list = arange(20).reshape([4, 5]).tolistSync() as number[][];
        const cut = <T>(items: T[], [start, end, by]: readonly [number, number, number]): T[] =>
          items.slice(start, end).filter((_, i) => i % by === 0);
        const expected = cut(list, rows).map((row) => cut(row, columns));
        const t = arange(20)
          .reshape([4, 5])
          .at(slice(...rows), slice(...columns));
        expect(t.tolistSync()).toEqual(expected);
      }),
    );
  });
});

/** Whether any strides show `places` under `shape`: each stride is forced by one neighbour. */
function strideable(found: readonly number[], shape: Shape): boolean {
  const steps = contiguousStrides(shape);
  const strides = shape.map((size, i) =>
    size === 1 ? 0 : (found[steps[i] as number] as number) - (found[0] as number),
  );
  return places({ shape, strides, offset: found[0] as number }).join() === found.join();
}

test("broadcastShapes() agrees with its definition", () => {
  const sizes = fc.array(fc.constantFrom(1, 1, 2, 3), { maxLength: 4 });
  fc.assert(
    fc.property(sizes, sizes, (a, b) => {
      const rank = Math.max(a.length, b.length);
      const pad = (s: number[]): number[] => [...new Array<number>(rank - s.length).fill(1), ...s];
      const pairs = pad(a).map((size, i) => [size, pad(b)[i] as number] as const);
      if (pairs.some(([x, y]) => x !== y && x !== 1 && y !== 1))
        expect(() => broadcastShapes(a, b)).toThrow(/expected equal sizes or 1/);
      else expect(broadcastShapes(a, b)).toEqual(pairs.map(([x, y]) => Math.max(x, y)));
    }),
  );
});

test("inferShape() fills in one -1, and says what does not fit", () => {
  expect(inferShape([2, -1], 6)).toEqual([2, 3]);
  expect(inferShape([], 1)).toEqual([]);
  expect(() => inferShape([4, -1], 6)).toThrow(
    "Cannot view 6 elements as [4, -1]: expected a shape of as many elements",
  );
  expect(() => inferShape([-1, -1], 6)).toThrow("Cannot view 6 elements as [-1, -1]");
});
