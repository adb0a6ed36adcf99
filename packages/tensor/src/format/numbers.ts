// Numbers as Python's format() writes them: half-way cases go to the even digit, -0 keeps its sign,
// exponents have two digits.

// Digits past the last one that tell a half-way case from all doubles beside it.
const GUARD_DIGITS = 20;
const MAX_DIGITS = 100;

/** Python's `f"{x:.{digits}f}"`. */
export function formatFixed(x: number, digits: number): string {
  if (!Number.isFinite(x)) return formatNonFinite(x);
  const size = Math.abs(x);
  return signOf(x) + (size < 1e21 ? fixed(size, digits) : integer(size, digits));
}

/** Python's `f"{x:.{digits}e}"`. */
export function formatExponent(x: number, digits: number): string {
  if (!Number.isFinite(x)) return formatNonFinite(x);
  const size = Math.abs(x);
  const [mantissa, exponent] = split(size.toExponential(digits));
  const exact = split(size.toExponential(MAX_DIGITS))[0];
  // A lone "1" before a half-way case is a 9.5 that became 10: even already.
  const even =
    mantissa === "1" ? mantissa : toEven(mantissa, exact.slice(digits === 0 ? 2 : digits + 2));
  const power = exponent.slice(1).padStart(2, "0");
  return `${signOf(x)}${even}e${exponent[0]}${power}`;
}

function fixed(size: number, digits: number): string {
  const text = size.toFixed(digits);
  const exact = size.toFixed(Math.min(MAX_DIGITS, digits + GUARD_DIGITS));
  return toEven(text, exact.slice(exact.indexOf(".") + 1 + digits));
}

// From 10^21 on a double is an integer, whose digits only a bigint prints.
function integer(size: number, digits: number): string {
  const zeros = digits === 0 ? "" : `.${"0".repeat(digits)}`;
  return BigInt(size) + zeros;
}

/** JavaScript rounds half-way cases up: an odd last digit goes one down again. */
function toEven(rounded: string, rest: string): string {
  if (!/^50*$/.test(rest)) return rounded;
  const last = Number(rounded.at(-1));
  return last % 2 === 0 ? rounded : rounded.slice(0, -1) + (last - 1);
}

function split(text: string): [mantissa: string, exponent: string] {
  const at = text.indexOf("e");
  return [text.slice(0, at), text.slice(at + 1)];
}

function signOf(x: number): string {
  return x < 0 || Object.is(x, -0) ? "-" : "";
}

function formatNonFinite(x: number): string {
  return Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf";
}
