// The windows of pooling in WGSL: which elements a window covers along a dim, and which windows
// cover an element.

/** Windows of one size and step, or windows that share a size among them. */
export type WindowRule = "plain" | "adaptive";

const dims = [0, 1, 2] as const;

const windowStruct = `struct Window { start: i32, end: i32, step: i32, count: i32 }
struct Range { first: i32, last: i32 }
fn upward(a: i32, b: i32) -> i32 { return (a + b - 1) / b; }`;

// Padding is left out of a window, but may count in an average.
const plainDim = (d: number): string => `fn window_${d}(i: i32) -> Window {
  let first = i * p.stride_${d} - p.padding_${d};
  let step = p.dilation_${d};
  let start = select(first, first + upward(-first, step) * step, first < 0);
  let beyond = first + (p.kernel_${d} - 1) * step + 1;
  let end = min(beyond, p.size_${d});
  let counted = min(beyond, p.size_${d} + p.padding_${d}) - first;
  return Window(start, end, step, select(end - start, counted, p.counts_padding != 0u));
}
fn covering_${d}(at: i32) -> Range {
  let from_end = at + p.padding_${d} - p.kernel_${d} + 1;
  let last = min((at + p.padding_${d}) / p.stride_${d}, p.count_${d} - 1);
  return Range(upward(max(from_end, 0), p.stride_${d}), last);
}`;

// Window i runs from floor(i n / m) to ceil((i + 1) n / m).
const adaptiveDim = (d: number): string => `fn window_${d}(i: i32) -> Window {
  let start = i * p.size_${d} / p.count_${d};
  let end = upward((i + 1) * p.size_${d}, p.count_${d});
  return Window(start, end, 1, end - start);
}
fn covering_${d}(at: i32) -> Range {
  let last = upward((at + 1) * p.count_${d}, p.size_${d}) - 1;
  return Range(at * p.count_${d} / p.size_${d}, last);
}`;

/** `window_d(i)` and `covering_d(place)` for the three dims. */
export function windowsSource(rule: WindowRule): string {
  const code = rule === "plain" ? plainDim : adaptiveDim;
  return [windowStruct, ...dims.map(code)].join("\n");
}

/** Runs `body` for each window [o0, o1, o2] = [w0, w1, w2] that covers [at0, at1, at2]. */
export const coveringCode = (body: string): string =>
  dims.reduceRight(
    (inner, d) => `let range${d} = covering_${d}(at${d});
for (var o${d} = range${d}.first; o${d} <= range${d}.last; o${d}++) {
let w${d} = window_${d}(o${d});
${inner}
}`,
    body,
  );
