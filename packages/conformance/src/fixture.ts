// The rows of numbers that PyTorch made: what an op is given and what it must give. Types only.
import type { DType } from "@tead/tensor";

/** A tensor of a row; without a dtype it has the dtype under test. An "index" may be any integer. */
export interface FixtureTensor {
  readonly shape: readonly number[];
  readonly data: readonly (number | bigint)[];
  readonly dtype?: DType | "index";
}

/** An operand of a row, as dispatch takes it: tensor, number, absent, list. */
export type FixtureOperand =
  | FixtureTensor
  | number
  | boolean
  | undefined
  | readonly FixtureTensor[];

/** One case of an op. */
export interface FixtureRow {
  /** The dtypes that it is for: a category (every dtype that its numbers fit) or one dtype. */
  readonly kind: "float" | "int" | "bool" | DType;
  readonly inputs: readonly FixtureOperand[];
  /** "$same" stands for the dtype under test, "$sum" for the dtype of its sum, "$op:x" for an op. */
  readonly attrs?: Readonly<Record<string, unknown>>;
  readonly outputs: readonly FixtureTensor[];
  /** Values without a slope (NaN, Infinity, ties, kinks): no gradient is checked here. */
  readonly special?: boolean;
  /** The attributes count in the operand's own storage: it comes contiguous. */
  readonly fixedLayout?: boolean;
}

/** The rows of a family, by op. */
export type Fixtures = Readonly<Record<string, readonly FixtureRow[]>>;
