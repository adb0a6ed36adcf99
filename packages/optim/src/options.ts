// What hyperparameters are refused.

function refusal(optimizer: string, name: string, expected: string, received: unknown): RangeError {
  return new RangeError(
    `${optimizer}: Option ${name} is not valid: expected ${expected}, received ${received}`,
  );
}

/** Refuses a hyperparameter below 0 or not a number. */
export function checkNonNegative(optimizer: string, name: string, value: number): void {
  if (!(value >= 0)) throw refusal(optimizer, name, "a number of at least 0", value);
}

/** Refuses decay rates outside [0, 1). */
export function checkBetas(optimizer: string, betas: readonly [number, number]): void {
  if (betas.length !== 2 || betas.some((beta) => !(beta >= 0 && beta < 1)))
    throw refusal(optimizer, "betas", "two numbers from 0 to below 1", `[${betas.join(", ")}]`);
}
