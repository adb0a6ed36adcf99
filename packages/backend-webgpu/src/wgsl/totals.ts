// Sums and maxima over a workgroup, which every invocation then knows.

/** `total(value, local)` and `largest(value, local)` over so many invocations; 1 for each alone. */
export function totalsSource(lanes: number): string {
  if (lanes === 1)
    return `fn total(value: f32, local: u32) -> f32 { return value; }
fn largest(value: f32, local: u32) -> f32 { return value; }`;
  return `var<workgroup> shared_values: array<f32, ${lanes}>;
${combined("total", lanes, "shared_values[local] + shared_values[local + width]")}
${combined("largest", lanes, "max(shared_values[local], shared_values[local + width])")}`;
}

// By halves; the first barrier waits for those who still read the result before this one.
const combined = (name: string, lanes: number, both: string): string => `
fn ${name}(value: f32, local: u32) -> f32 {
workgroupBarrier();
shared_values[local] = value;
for (var width = ${lanes / 2}u; width > 0u; width >>= 1u) {
workgroupBarrier();
if (local < width) { shared_values[local] = ${both}; }
}
workgroupBarrier();
return shared_values[0];
}`;
