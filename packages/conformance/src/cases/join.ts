// Joining tensors.
import { join } from "../fixtures/join.ts";
import { type Cases, family } from "./family.ts";

export const joinCases: Cases = family("join", join);
