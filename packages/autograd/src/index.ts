// The public face of @tead/autograd. Importing it installs the recorder.
import "./install.ts";

export { enableGrad, isGradEnabled, noGrad } from "@tead/tensor";
export { type AnomalyOptions, detectAnomaly } from "./anomaly.ts";
export { type GradOptions, grad } from "./backward.ts";
