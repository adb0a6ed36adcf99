// Functions of 32-bit integers in WGSL. Those that report leave a wrapped result, or 0.

const functions: Readonly<Record<string, string>> = {
  // Whether a wrapped product differs from the true one, whose size is known to a few in 10^7.
  leavesRange: `fn leavesRange(size: f32, value: i32) -> bool {
  return abs(size) > 2.2e9 || (abs(size) > 2.1e9 && (size < 0.0) != (value < 0));
}`,
  // A size that stays large, but not so large that another factor makes it infinite.
  limited: "fn limited(size: f32) -> f32 { return clamp(size, -1e18, 1e18); }",
  checkedSum: `fn checkedSum(a: i32, b: i32, position: u32) -> i32 {
  let value = a + b;
  if (((a ^ value) & (b ^ value)) < 0) { fail(position); }
  return value;
}`,
  checkedDifference: `fn checkedDifference(a: i32, b: i32, position: u32) -> i32 {
  let value = a - b;
  if (((a ^ b) & (a ^ value)) < 0) { fail(position); }
  return value;
}`,
  checkedProduct: `fn checkedProduct(a: i32, b: i32, position: u32) -> i32 {
  let value = a * b;
  if (leavesRange(f32(a) * f32(b), value)) { fail(position); }
  return value;
}`,
  // The one integer whose size does not fit.
  checkedSize: `fn checkedSize(a: i32, position: u32) -> i32 {
  if (a == i32(-2147483647 - 1)) { fail(position); }
  return a;
}`,
  powerOf: `struct Power { value: i32, size: f32 }
fn powerOf(a: i32, b: i32) -> Power {
  if (b < 0) {
    if (a == 1) { return Power(1, 1.0); }
    if (a == -1) { return Power(select(-1, 1, (b & 1) == 0), 1.0); }
    return Power(0, 0.0);
  }
  var result = Power(1, 1.0);
  var base = Power(a, f32(a));
  var rest = b;
  loop {
    if (rest == 0) { break; }
    if ((rest & 1) == 1) {
      result = Power(result.value * base.value, limited(result.size * base.size));
    }
    rest >>= 1u;
    base = Power(base.value * base.value, limited(base.size * base.size));
  }
  return result;
}`,
  checkedPower: `fn checkedPower(a: i32, b: i32, position: u32) -> i32 {
  let power = powerOf(a, b);
  if (b > 0 && leavesRange(power.size, power.value)) { fail(position); }
  return power.value;
}`,
  // a - b * floor(a / b), of b's sign
  integerRemainder: `fn integerRemainder(a: i32, b: i32, position: u32) -> i32 {
  if (b == 0) { fail(position); return 0; }
  let r = a % b;
  return select(r, r + b, r != 0 && ((r < 0) != (b < 0)));
}`,
  integerQuotient: `fn integerQuotient(a: i32, b: i32, position: u32) -> i32 {
  if (b == 0) { fail(position); return 0; }
  let r = a % b;
  return a / b - select(0, 1, r != 0 && ((r < 0) != (b < 0)));
}`,
};

/** The text of the functions that an expression calls, and of those that they call. */
export function integerSource(expression: string): string {
  const found = new Set<string>();
  const visit = (text: string): void => {
    for (const [, name] of text.matchAll(/\b(\w+)\(/g)) {
      const code = functions[name as string];
      if (code === undefined || found.has(code)) continue;
      found.add(code);
      visit(code);
    }
  };
  visit(expression);
  return [...found].join("\n");
}
