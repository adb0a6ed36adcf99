// TensorBoard's Event message and what hangs below it, written field by field with a protobuf
// writer. The numbers are those of event.proto, summary.proto, histogram.proto and tensor.proto.
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

/** The version string with which every event file begins. */
export const fileVersion = "brain.Event:2";

/** Counts of values between limits, with the moments of the values. */
export interface HistogramProto {
  readonly min: number;
  readonly max: number;
  /** How many values there were. */
  readonly num: number;
  readonly sum: number;
  readonly sumSquares: number;
  /** Upper limit of each bucket; a bucket begins where the one before it ends. */
  readonly bucketLimit: readonly number[];
  /** How many values each bucket holds. */
  readonly bucket: readonly number[];
}

/** An encoded image with its size; `colorspace` counts the channels. */
export interface ImageProto {
  readonly height: number;
  readonly width: number;
  readonly colorspace: number;
  /** A whole PNG file. */
  readonly encoded: Uint8Array;
}

/** The constant tensors that summaries carry: one number, or a list of strings. */
export type TensorValue =
  | { readonly float: number }
  | { readonly double: number }
  | { readonly strings: readonly string[] };

/** What one summary value shows. */
export type SummaryContent =
  | { readonly simpleValue: number }
  | { readonly image: ImageProto }
  | { readonly histogram: HistogramProto }
  | { readonly tensor: TensorValue };

/** A tagged value, and the dashboard it is for where that does not follow from the content. */
export interface SummaryValue {
  readonly tag: string;
  readonly plugin?: string;
  readonly content: SummaryContent;
}

/** What happened at `step`, `walltime` seconds after 1970. */
export interface Event {
  readonly walltime: number;
  readonly step?: number;
  readonly what:
    | { readonly fileVersion: string; readonly writer?: string }
    | { readonly sessionLog: "start" }
    | { readonly summary: readonly SummaryValue[] };
}

/**
 * An event as the bytes of TensorBoard's `Event` message.
 *
 * @param event - What to encode. Numbers that are float in the message are rounded, to infinity if
 * need be.
 * @see https://github.com/tensorflow/tensorboard/blob/master/tensorboard/compat/proto/event.proto
 * @example
 * import assert from "node:assert/strict";
 * import { encodeEvent } from "@tead/summary";
 * const bytes = encodeEvent({ walltime: 0, what: { fileVersion: "brain.Event:2" } });
 * assert.deepEqual([...bytes.subarray(0, 2)], [(3 << 3) | 2, 13]); // field 3, 13 characters
 */
export function encodeEvent({ walltime, step = 0, what }: Event): Uint8Array<ArrayBuffer> {
  const out = new BinaryWriter();
  double(out, 1, walltime);
  if (step !== 0) out.tag(2, WireType.Varint).int64(step);
  if ("fileVersion" in what) {
    text(out, 3, what.fileVersion);
    if (what.writer !== undefined) message(out, 10, () => text(out, 1, what.writer!));
  } else if ("sessionLog" in what) {
    message(out, 7, () => integer(out, 1, 1)); // SessionLog.status = START
  } else {
    message(out, 5, () => {
      for (const value of what.summary) message(out, 1, () => summaryValue(out, value));
    });
  }
  return out.finish();
}

function summaryValue(out: BinaryWriter, { tag, plugin, content }: SummaryValue): void {
  text(out, 1, tag);
  if ("simpleValue" in content) out.tag(2, WireType.Bit32).float(Math.fround(content.simpleValue));
  else if ("image" in content) message(out, 4, () => image(out, content.image));
  else if ("histogram" in content) message(out, 5, () => histogram(out, content.histogram));
  else message(out, 8, () => tensor(out, content.tensor));
  if (plugin !== undefined) {
    // SummaryMetadata.plugin_data.plugin_name; the plugins' own messages, at version 0, are empty.
    message(out, 9, () => message(out, 1, () => text(out, 1, plugin)));
  }
}

function image(out: BinaryWriter, { height, width, colorspace, encoded }: ImageProto): void {
  integer(out, 1, height);
  integer(out, 2, width);
  integer(out, 3, colorspace);
  out.tag(4, WireType.LengthDelimited).bytes(encoded);
}

function histogram(out: BinaryWriter, histo: HistogramProto): void {
  double(out, 1, histo.min);
  double(out, 2, histo.max);
  double(out, 3, histo.num);
  double(out, 4, histo.sum);
  double(out, 5, histo.sumSquares);
  message(out, 6, () => histo.bucketLimit.forEach((limit) => void out.double(limit)));
  message(out, 7, () => histo.bucket.forEach((count) => void out.double(count)));
}

/** DataType of types.proto. */
const dataType = { float: 1, double: 2, string: 7 } as const;

function tensor(out: BinaryWriter, value: TensorValue): void {
  if ("float" in value) {
    integer(out, 1, dataType.float);
    message(out, 5, () => void out.float(Math.fround(value.float)));
  } else if ("double" in value) {
    integer(out, 1, dataType.double);
    message(out, 6, () => void out.double(value.double));
  } else {
    integer(out, 1, dataType.string);
    // TensorShapeProto.dim.size
    message(out, 2, () => message(out, 2, () => integer(out, 1, value.strings.length)));
    for (const each of value.strings) out.tag(8, WireType.LengthDelimited).string(each);
  }
}

/** Fields without a presence bit are left out at their default, as every protobuf encoder does. */
function double(out: BinaryWriter, field: number, value: number): void {
  if (!Object.is(value, 0)) out.tag(field, WireType.Bit64).double(value);
}

function integer(out: BinaryWriter, field: number, value: number): void {
  if (value !== 0) out.tag(field, WireType.Varint).int32(value);
}

function text(out: BinaryWriter, field: number, value: string): void {
  if (value !== "") out.tag(field, WireType.LengthDelimited).string(value);
}

/** A submessage, or a packed list of numbers. */
function message(out: BinaryWriter, field: number, body: () => void): void {
  out.tag(field, WireType.LengthDelimited).fork();
  body();
  out.join();
}
