// The program behind PyTorch's optim_baseline.h: 1,001 steps of a network of 13 weights.
import "@tead/autograd";
import { readFileSync } from "node:fs";
import { cpu } from "@tead/backend-cpu";
import * as optim from "@tead/optim";
import { LBFGS, type Optimizer } from "@tead/optim";
import { setDefaultDevice, type Tensor, tensor } from "@tead/tensor";
import { expect, test } from "vitest";
import { camelOptions, type Json, type Matrix } from "./fixture.ts";

setDefaultDevice(cpu());

interface Run {
  readonly optimizer: string;
  readonly options: Readonly<Record<string, Json>>;
  readonly rows: Matrix;
}
const baseline = JSON.parse(
  readFileSync(new URL("./fixtures/baseline.json", import.meta.url), "utf8"),
) as {
  readonly start: Matrix;
  readonly input: Matrix;
  readonly steps: number;
  readonly every: number;
  readonly runs: Readonly<Record<string, Run>>;
};

const float64 = { dtype: "float64" } as const;
const input = tensor(baseline.input, float64);
const shapes = [[3, 2], [3], [1, 3], [1]];
const exported = new Map<string, unknown>(Object.entries(optim));

async function weights({ optimizer: name, options }: Run): Promise<number[][]> {
  const params = baseline.start.map((values, i) =>
    tensor(values, float64)
      .reshape(shapes[i] as number[])
      .requiresGrad_(),
  );
  const [w1, b1, w2, b2] = params as [Tensor, Tensor, Tensor, Tensor];
  const Class = exported.get(name) as new (p: Tensor[], o: object) => Optimizer | LBFGS;
  const optimizer = new Class(params, camelOptions(options));
  const ten = tensor(10, float64);
  const rows: number[][] = [];
  for (let step = 0; step < baseline.steps; step++) {
    optimizer.zeroGrad();
    const hidden = input.matmul(w1.t()).add(b1).sigmoid();
    hidden.matmul(w2.t()).add(b2).sigmoid().sum().backward();
    if (optimizer instanceof LBFGS) await optimizer.step(() => ten);
    else optimizer.step();
    if (step % baseline.every === 0)
      rows.push(params.flatMap((p) => Array.from(p.dataSync(), Number)));
  }
  return rows;
}

test.each(Object.entries(baseline.runs))("%s reaches PyTorch's weights", async (_, run) => {
  const found = await weights(run);
  expect(found).toHaveLength(run.rows.length);
  run.rows.forEach((row, i) => {
    const errors = row.map((e, k) => Math.abs((found[i]?.[k] as number) - e));
    expect(Math.max(...errors)).toBeLessThan(1e-9);
  });
});
