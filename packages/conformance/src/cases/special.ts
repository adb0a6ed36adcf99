// Special functions, elementwise.
import { special } from "../fixtures/special.ts";
import { type Cases, family } from "./family.ts";

export const specialCases: Cases = family("special", special);
