// The error classes and their one grammar: "op: What failed: expected ..., received ...", then
// the operands, then a hint. Imports types only.
import type { DType } from "./dtype.ts";

/** What an error says of one operand. */
export interface ErrorOperand {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly device?: string;
}

/** A word beside one operand: the attribute that its check read. */
export interface OperandNote {
  readonly operand: string;
  readonly text: string;
}

/** What an error says beside its message. */
export interface ErrorDetails {
  /** The op that refused. */
  readonly op?: string;
  readonly operands?: readonly ErrorOperand[];
  readonly note?: OperandNote;
  /** What to write instead; stands on a line of its own. */
  readonly hint?: string;
  readonly cause?: unknown;
}

function compose(message: string, { op, operands = [], note, hint }: ErrorDetails): string {
  const lines = [op === undefined ? message : `${op}: ${message}`];
  const shapes = operands.map((o) => `[${o.shape.join(", ")}]`);
  const nameWidth = Math.max(0, ...operands.map((o) => o.name.length));
  const shapeWidth = Math.max(0, ...shapes.map((shape) => shape.length));
  operands.forEach((o, i) => {
    const device = o.device === undefined ? "" : ` ${o.device}`;
    const noted = note?.operand === o.name ? `   ${note.text}` : "";
    const shape = (shapes[i] as string).padEnd(shapeWidth);
    lines.push(`  ${o.name.padEnd(nameWidth)}  ${shape} ${o.dtype}${device}${noted}`);
  });
  if (hint !== undefined) lines.push(`Hint: ${hint}`);
  return lines.join("\n");
}

/** What every error of the library carries beside its message. */
export interface TeadError extends Error {
  readonly op: string | undefined;
  readonly shapes: readonly (readonly number[])[];
  readonly dtypes: readonly DType[];
  /** Adds the op and its operands, once: dispatch does, so that no shape rule has to. */
  locate(op: string, operands: readonly ErrorOperand[]): void;
}

type ErrorBase = new (message: string, options?: ErrorOptions) => Error;
type TeadErrorClass = new (message: string, details?: ErrorDetails) => TeadError;

function teadError(Base: ErrorBase, name: string): TeadErrorClass {
  return class extends Base implements TeadError {
    override readonly name = name;
    readonly #summary: string;
    #details: ErrorDetails;
    constructor(message: string, details: ErrorDetails = {}) {
      super(compose(message, details), { cause: details.cause });
      this.#summary = message;
      this.#details = details;
    }
    get op(): string | undefined {
      return this.#details.op;
    }
    get shapes(): readonly (readonly number[])[] {
      return (this.#details.operands ?? []).map((o) => o.shape);
    }
    get dtypes(): readonly DType[] {
      return (this.#details.operands ?? []).map((o) => o.dtype);
    }
    locate(op: string, operands: readonly ErrorOperand[]): void {
      if (this.#details.operands !== undefined) return;
      this.#details = { op, ...this.#details, operands };
      this.message = compose(this.#summary, this.#details);
    }
  };
}

const ShapeErrorBase: TeadErrorClass = teadError(RangeError, "ShapeError");
const DTypeErrorBase: TeadErrorClass = teadError(TypeError, "DTypeError");
const DeviceErrorBase: TeadErrorClass = teadError(Error, "DeviceError");
const UnsupportedErrorBase: TeadErrorClass = teadError(Error, "UnsupportedError");
const StateErrorBase: TeadErrorClass = teadError(Error, "StateError");

/** Shapes, dims, indices or sizes that do not fit. */
export class ShapeError extends ShapeErrorBase {}
/** A dtype that an op does not take, or a result that does not fit one. */
export class DTypeError extends DTypeErrorBase {}
/** Operands on different devices, or no device at all. */
export class DeviceError extends DeviceErrorBase {}
/** What this backend, platform or version cannot do. */
export class UnsupportedError extends UnsupportedErrorBase {}
/** A call at the wrong time: a freed tensor, a graph used twice, a missing recorder. */
export class StateError extends StateErrorBase {}

/** Whether an error is one of this library's, also where a second copy of it threw. */
export function isTeadError(error: unknown): error is TeadError {
  return error instanceof Error && "locate" in error;
}
