// Functions of 32-bit integers in WGSL. Results wrap; what is divided by 0 is reported.

const functions: Readonly<Record<string, string>> = {
  integerPower: `fn integerPower(a: i32, b: i32) -> i32 {
  if (b < 0) {
    if (a == 1) { return 1; }
    if (a == -1) { return select(-1, 1, (b & 1) == 0); }
    return 0;
  }
  var result = 1;
  var base = a;
  var rest = b;
  loop {
    if (rest == 0) { break; }
    if ((rest & 1) == 1) { result *= base; }
    rest >>= 1u;
    base *= base;
  }
  return result;
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

/** The text of the functions that an expression calls. */
export function integerSource(expression: string): string {
  return Object.entries(functions)
    .filter(([name]) => expression.includes(`${name}(`))
    .map(([, code]) => code)
    .join("\n");
}
