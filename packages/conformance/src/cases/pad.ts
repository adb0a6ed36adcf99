// Padding with a constant.
import { pad } from "../fixtures/pad.ts";
import { type Cases, family } from "./family.ts";

export const padCases: Cases = family("pad", pad);
