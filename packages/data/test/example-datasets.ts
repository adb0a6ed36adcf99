// Datasets that dataset-source.test.ts opens by address.
import type { Dataset } from "@tead/data";

export const make = async ({ length }: { length: number }): Promise<Dataset<number>> => ({
  length,
  getItem: (index) => index,
});

export const three: Dataset<number> = { length: 3, getItem: (index) => index };

export const notOne = { length: 3 };
