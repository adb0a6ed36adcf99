import { testBackend } from "@tead/conformance";
import { it } from "vitest";
import { describeGpu, gpu } from "./device.ts";

describeGpu("conformance of the WebGPU backend", () => {
  testBackend({ create: gpu, test: (name, body) => it(name, body, 30_000) });
});
