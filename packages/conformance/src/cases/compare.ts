// Comparisons and logic.
import { compare } from "../fixtures/compare.ts";
import { type Cases, family } from "./family.ts";

export const compareCases: Cases = family("compare", compare);
