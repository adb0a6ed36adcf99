// The steps of a recurrent op in the order in which they run.

/** The rows of a packed sequence: step after step, each with the rows of the batch still going. */
export interface Sequence {
  readonly batchSizes: readonly number[];
  readonly reverse: boolean;
  /** The size of the gates. */
  readonly hidden: number;
}

/** One step, and the rows of the step that ran before it, which go on in it. */
export interface Run {
  readonly start: number;
  readonly rows: number;
  readonly beforeStart: number;
  readonly beforeRows: number;
}

/** The steps as they run. A state's row b stands for sequence b: a step takes the first rows. */
export function runsOf({ batchSizes, reverse }: Sequence): Run[] {
  let start = 0;
  const steps = batchSizes.map((rows) => {
    const step = { start, rows };
    start += rows;
    return step;
  });
  if (reverse) steps.reverse();
  return steps.map((step, i) => {
    const before = steps[i - 1];
    const beforeRows = Math.min(before?.rows ?? 0, step.rows);
    return { ...step, beforeStart: before?.start ?? 0, beforeRows };
  });
}
