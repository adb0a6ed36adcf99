// A table of what is refused, and in which words.
import { describe, expect, test } from "vitest";

/** What to run, the class of its error, and the first line of the message. */
export type Refusal = readonly [
  run: () => unknown,
  error: new (...args: never[]) => Error,
  text: string,
];
export type Refusals = Readonly<Record<string, readonly Refusal[]>>;

export function expectRefusals(refusals: Refusals): void {
  describe.each(Object.entries(refusals))("%s", (_, list) => {
    test.each(list.map(([run, error, text]) => [text, run, error] as const))(
      "is refused: %s",
      (text, run, error) => {
        expect(run).toThrow(error);
        expect(run).toThrow(text);
      },
    );
  });
}
