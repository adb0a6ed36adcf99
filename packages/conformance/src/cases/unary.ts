// Elementwise ops of one operand: PyTorch's numbers say all.
import { unary } from "../fixtures/unary.ts";
import { type Cases, family } from "./family.ts";

export const unaryCases: Cases = family("unary", unary);
