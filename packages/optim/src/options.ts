// What hyperparameters are refused.

/** Refuses a hyperparameter that is not `valid`. */
export function checkOption(
  owner: string,
  name: string,
  valid: boolean,
  expected: string,
  received: unknown,
): void {
  if (valid) return;
  const shown = Array.isArray(received) ? `[${received.join(", ")}]` : String(received);
  throw new RangeError(
    `${owner}: Option ${name} is not valid: expected ${expected}, received ${shown}`,
  );
}

/** Refuses hyperparameters below 0 or not a number. */
export function checkNonNegative<N extends string>(
  owner: string,
  options: Readonly<Record<N, number>>,
  names: readonly N[],
): void {
  for (const name of names)
    checkOption(owner, name, options[name] >= 0, "a number of at least 0", options[name]);
}

/** Refuses decay rates outside [0, 1). */
export function checkBetas(owner: string, betas: readonly [number, number]): void {
  const valid = betas.length === 2 && betas.every((beta) => beta >= 0 && beta < 1);
  checkOption(owner, "betas", valid, "two numbers from 0 to below 1", betas);
}
