// What CyclicLR and OneCycleLR share: momentum that moves against the rate.
import { StateError } from "@tead/tensor";
import type { Scheduled, ScheduledGroup } from "./scheduler.ts";

/** Refuses an optimizer without momentum. */
export function checkMomentum(owner: string, { paramGroups }: Scheduled): void {
  if (paramGroups.every(({ momentum, betas }) => momentum !== undefined || betas !== undefined))
    return;
  throw new StateError(
    `${owner}: Cannot cycle the momentum: expected an optimizer with momentum or betas`,
    { hint: "pass cycleMomentum: false" },
  );
}

/** Sets a group's momentum, which is the first beta where there are betas. */
export function setMomentum(group: ScheduledGroup, momentum: number): void {
  if (group.betas === undefined) group.momentum = momentum;
  else group.betas = [momentum, group.betas[1]];
}
