// Views: strides only; what reads them is the copy kernel.
import { view } from "../fixtures/view.ts";
import { window } from "../fixtures/window.ts";
import { type Cases, family } from "./family.ts";

export const viewCases: Cases = family("view", { ...view, unfold: window.unfold ?? [] });
