// What the schedules' options must be.

export function checkOption(
  scheduler: string,
  name: string,
  valid: boolean,
  expected: string,
  received: unknown,
): void {
  if (!valid)
    throw new RangeError(
      `${scheduler}: Option ${name} is not valid: expected ${expected}, received ${received}`,
    );
}
