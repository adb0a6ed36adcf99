// TensorBoard event logs on any platform: re-exports only. Files stand under "@tead/summary/node".
export { crc32c, maskCrc } from "./crc32c.ts";
export {
  type Event,
  encodeEvent,
  fileVersion,
  type HistogramProto,
  type ImageProto,
  type SummaryContent,
  type SummaryValue,
  type TensorValue,
} from "./event.ts";
export { type Bins, type HistogramOptions, makeHistogram } from "./histogram.ts";
export { frameRecord } from "./record.ts";
export { SummaryRecorder } from "./recorder.ts";
export type {
  AddHistogramOptions,
  ImageOptions,
  LogOptions,
  RecorderOptions,
  ScalarOptions,
} from "./recorder-options.ts";
export type { Pending } from "./run-log.ts";
export { type EventSink, MemorySink } from "./sink.ts";
export type { TensorLike } from "./values.ts";
