// What of TensorBoard logging touches files: re-exports only.
export { encodePng } from "./node/png.ts";
export { SummaryWriter, type SummaryWriterOptions } from "./node/summary-writer.ts";
