// Activations and their gradients.
import { activation } from "../fixtures/activation.ts";
import { type Cases, family } from "./family.ts";

export const activationCases: Cases = family("activation", activation);
