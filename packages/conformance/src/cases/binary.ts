// Elementwise arithmetic of two operands, where and clamp.
import { binary } from "../fixtures/binary.ts";
import { type Cases, family } from "./family.ts";

export const binaryCases: Cases = family("binary", binary);
