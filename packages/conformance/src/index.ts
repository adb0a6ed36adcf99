// The public face of @tead/conformance: re-exports only.
export { formatSupportTable, type Report, type Result, type Unsupported } from "./report.ts";
export { type ConformanceOptions, type RunOptions, runConformance } from "./run.ts";
export { type TestBackendOptions, type TestFunction, testBackend } from "./test-backend.ts";
