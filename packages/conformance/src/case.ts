// What the kit knows of one op: its rows, and what can go wrong with its values.
import type { AnyOp, DType, FailureCode } from "@tead/tensor";
import type { FixtureOperand, FixtureRow } from "./fixture.ts";

/** An operand whose values are indices or classes, which the kernel must check. */
export interface CheckedOperand {
  /** Its place among the operands. */
  readonly operand: number;
  /** How many values it may point at. */
  size(row: FixtureRow): number;
  /** Whether -size to -1 count from the end, or are refused; not asked where absent. */
  readonly negative?: boolean;
  readonly code: FailureCode;
}

/** Operands that have to fail. */
export interface ErrorCase {
  readonly name: string;
  readonly dtype: DType;
  readonly inputs: readonly FixtureOperand[];
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly message: RegExp;
  /** The flat position that the error has to name. */
  readonly position?: number;
  /** Asked only of devices that read at once: sums by many threads may wrap. */
  readonly syncOnly?: boolean;
}

/** What a family says of an op beside its rows. */
export interface OpTraits {
  readonly checked?: CheckedOperand;
  readonly errors?: readonly ErrorCase[];
  /** Operands whose NaN or infinity may reach more results than it must; the reason stands beside. */
  readonly spreads?: readonly string[];
  /** A factor on the tolerance, with the reason beside it. */
  readonly slack?: number;
  /** Operands that no gradient goes to, as in PyTorch, although the output depends on them. */
  readonly constants?: readonly string[];
  /** Rows with many elements; the kit's own reference says what they give. */
  readonly large?: readonly Omit<FixtureRow, "outputs">[];
}

/** One op with all that is asked of it. */
export interface OpCase extends OpTraits {
  readonly op: AnyOp;
  readonly family: string;
  readonly rows: readonly FixtureRow[];
}
