// The two languages: numbers in digits, and in English words. 342 is "three hundred forty two".
import { TensorDataset } from "@tead/data";
import { type Tensor, tensor } from "@tead/tensor";

const small =
  "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen " +
  "sixteen seventeen eighteen nineteen";
const tens = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const units = small.split(" ");

/** Stands where a sequence has ended. */
export const PAD = 0;
/** Stands before a translation. */
export const START = 1;
/** Stands after a translation. */
export const END = 2;
/** The words by number, after the marks. */
export const WORDS: readonly string[] = ["_", "<", ">", ...units, ...tens, "hundred"];
/** The digits by number, after the mark of the end. */
export const DIGITS: readonly string[] = ["_", ..."0123456789"];

/** How many digits and how many words, marks included, there may be. */
const longest = { source: 3, target: 6 };

/** A number below 1,000 in words. */
export function inWords(n: number): string {
  if (n < 20) return units[n] as string;
  const [rest, word] =
    n < 100
      ? [n % 10, tens[Math.floor(n / 10) - 2]]
      : [n % 100, `${units[Math.floor(n / 100)]} hundred`];
  return rest === 0 ? (word as string) : `${word} ${inWords(rest)}`;
}

const padded = (tokens: readonly number[], length: number): number[] => [
  ...tokens,
  ...new Array<number>(length - tokens.length).fill(PAD),
];
/** Numbers as their digits, [N, 3]. */
export function encodeNumbers(numbers: readonly number[]): Tensor {
  const rows = numbers.map((n) => Array.from(String(n), (digit) => DIGITS.indexOf(digit)));
  return tensor(
    rows.map((row) => padded(row, longest.source)),
    { dtype: "int64" },
  );
}
/** Numbers as their words between the marks, [N, 6]. */
export function encodeWords(numbers: readonly number[]): Tensor {
  const rows = numbers.map((n) => inWords(n).split(" "));
  const tokens = rows.map((row) => [START, ...row.map((word) => WORDS.indexOf(word)), END]);
  return tensor(
    tokens.map((row) => padded(row, longest.target)),
    { dtype: "int64" },
  );
}

/** Every seventh number is kept for the test. */
const isKept = (n: number): boolean => n % 7 === 3;
const all = Array.from({ length: 1000 }, (_, n) => n);
/** The numbers that training does not see. */
export const keptNumbers: readonly number[] = all.filter(isKept);

/** The numbers that training sees, in digits and in words. */
export function trainingSet(): TensorDataset<readonly [Tensor, Tensor]> {
  const seen = all.filter((n) => !isKept(n));
  return new TensorDataset(encodeNumbers(seen), encodeWords(seen));
}
