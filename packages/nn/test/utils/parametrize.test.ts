// Parametrized tensors: PyTorch's values, state dicts and printouts, trained, assigned and undone.
import "@tead/autograd";
import { readFileSync } from "node:fs";
import { cpu } from "@tead/backend-cpu";
import * as nn from "@tead/nn";
import { utils } from "@tead/nn";
import {
  cat,
  manualSeed,
  noGrad,
  rand,
  setDefaultDevice,
  Tensor,
  tensor,
  UnsupportedError,
  zeros,
} from "@tead/tensor";
import { describe, expect, test } from "vitest";

setDefaultDevice(cpu());
const { parametrizations: p, parametrize } = utils;

type State = readonly (readonly [key: string, values: readonly number[]])[];
interface Run {
  readonly shown: string;
  readonly state: State;
  readonly outputs: readonly (readonly number[])[];
  readonly trained: State;
  /** Null where nothing can be assigned; absent where the weight is as it was. */
  readonly assigned?: readonly [State, readonly number[]] | null;
  readonly removed: State;
  readonly after: number;
}
const { seed, runs } = JSON.parse(
  readFileSync(new URL("../fixtures/parametrize.json", import.meta.url), "utf8"),
) as { readonly seed: number; readonly runs: Readonly<Record<string, Run>> };

const dtype = "float64";
const ramp = (...shape: number[]): Tensor => {
  const count = shape.reduce((a, b) => a * b, 1);
  const values = Array.from({ length: count }, (_, i) => Math.sin(i));
  return tensor(values, { shape, dtype });
};
const flat = (t: Tensor): number[] => Array.from(t.detach().dataSync(), Number);
function expectClose(actual: readonly number[], wanted: readonly number[]): void {
  expect(actual).toHaveLength(wanted.length);
  for (const [i, e] of wanted.entries()) expect(actual[i]).toBeCloseTo(e, 10);
}
function expectState(module: nn.AnyModule, wanted: State): void {
  const state = Object.entries(module.stateDict());
  expect(state.map(([key]) => key)).toEqual(wanted.map(([key]) => key));
  for (const [i, [, t]] of state.entries()) expectClose(flat(t), wanted[i]?.[1] ?? []);
}

class Symmetric extends nn.Module {
  override forward(x: Tensor): Tensor {
    return x.triu().add(x.triu(1).t());
  }
  rightInverse(x: Tensor): Tensor {
    return x.triu();
  }
}
class Scaled extends nn.Module {
  override forward(x: Tensor): Tensor {
    return x.mul(3);
  }
  rightInverse(x: Tensor): Tensor {
    return x.div(3);
  }
}
class Halves extends nn.Module<[a: Tensor, b: Tensor]> {
  override forward(a: Tensor, b: Tensor): Tensor {
    return cat([a, b]);
  }
  rightInverse(x: Tensor): readonly Tensor[] {
    return x.chunk(2).map((half) => half.clone());
  }
}
class Doubled extends nn.Module {
  override forward(x: Tensor): Tensor {
    return x.mul(2);
  }
}

type Layer = nn.Linear | nn.Conv1d | nn.ConvTranspose1d;
const linear =
  (...sizes: [number, number]) =>
  () =>
    new nn.Linear(...sizes, { dtype });
const cases: Record<string, [() => Layer, (m: Layer) => Layer, number[]]> = {
  weightNorm: [linear(4, 3), (m) => p.weightNorm(m), [2, 4]],
  "weightNorm dim": [
    () => new nn.Conv1d(2, 3, 2, { dtype }),
    (m) => p.weightNorm(m, { dim: 1 }),
    [1, 2, 5],
  ],
  "weightNorm all": [linear(4, 3), (m) => p.weightNorm(m, { dim: undefined }), [2, 4]],
  spectralNorm: [linear(4, 3), (m) => p.spectralNorm(m), [2, 4]],
  "spectralNorm transposed": [
    () => new nn.ConvTranspose1d(2, 3, 2, { dtype }),
    (m) => p.spectralNorm(m, { nPowerIterations: 3, eps: 1e-6 }),
    [1, 2, 5],
  ],
  "spectralNorm vector": [linear(4, 3), (m) => p.spectralNorm(m, { name: "bias" }), [2, 4]],
  orthogonal: [linear(4, 4), (m) => p.orthogonal(m), [2, 4]],
  "orthogonal wide": [linear(5, 3), (m) => p.orthogonal(m), [2, 5]],
  "orthogonal tall": [linear(3, 5), (m) => p.orthogonal(m), [2, 3]],
  "orthogonal tall exp": [
    linear(2, 5),
    (m) => p.orthogonal(m, { orthogonalMap: "matrixExp" }),
    [2, 2],
  ],
  "orthogonal cayley": [linear(4, 4), (m) => p.orthogonal(m, { orthogonalMap: "cayley" }), [2, 4]],
  "orthogonal wide cayley": [
    linear(5, 2),
    (m) => p.orthogonal(m, { orthogonalMap: "cayley" }),
    [2, 5],
  ],
  "orthogonal bare": [linear(3, 5), (m) => p.orthogonal(m, { useTrivialization: false }), [2, 3]],
  "orthogonal bare wide": [
    linear(4, 2),
    (m) => p.orthogonal(m, { useTrivialization: false }),
    [2, 4],
  ],
  "orthogonal bare square": [
    linear(3, 3),
    (m) => p.orthogonal(m, { orthogonalMap: "householder", useTrivialization: false }),
    [2, 3],
  ],
  "orthogonal bare cayley": [
    linear(3, 3),
    (m) => p.orthogonal(m, { orthogonalMap: "cayley", useTrivialization: false }),
    [2, 3],
  ],
  "orthogonal batch": [() => new nn.Conv1d(3, 2, 3, { dtype }), (m) => p.orthogonal(m), [1, 3, 6]],
  chain: [
    linear(3, 3),
    (m) =>
      parametrize.registerParametrization(
        parametrize.registerParametrization(m, "weight", new Symmetric()),
        "weight",
        new Scaled(),
      ),
    [2, 3],
  ],
  both: [
    linear(3, 4),
    (m) =>
      parametrize.registerParametrization(
        parametrize.registerParametrization(m, "weight", new Halves()),
        "bias",
        new Doubled(),
      ),
    [2, 3],
  ],
};

function step(layer: Layer, x: Tensor): Tensor {
  layer.zeroGrad();
  const y = layer.forward(x);
  y.mul(ramp(...y.shape))
    .sum()
    .backward();
  noGrad(() => {
    for (const parameter of layer.parameters()) parameter.sub_((parameter.grad as Tensor).mul(0.1));
  });
  return y;
}

describe("a parametrized layer", () => {
  test("is compared in every way that PyTorch was run", () => {
    expect(Object.keys(cases)).toEqual(Object.keys(runs));
  });

  test.each(Object.entries(cases))(
    "%s trains, takes a weight and lets go as PyTorch's",
    (name, [make, change, shape]) => {
      const run = runs[name] as Run;
      manualSeed(seed);
      const plain = make();
      const Class = plain.constructor;
      const layer = change(plain);
      expect(layer.toString()).toBe(run.shown);
      expectState(layer, run.state);
      const x = ramp(...shape);
      for (const wanted of run.outputs.slice(0, -1)) expectClose(flat(step(layer, x)), wanted);
      layer.eval();
      expectClose(flat(layer.forward(x)), run.outputs.at(-1) ?? []);
      expectState(layer, run.trained);
      const squares = Array.from({ length: layer.weight.numel() }, (_, i) => Math.sin(i * i));
      const weight = tensor(squares, { shape: layer.weight.shape, dtype });
      if (run.assigned === null)
        expect(() => Object.assign(layer, { weight })).toThrow(UnsupportedError);
      else if (run.assigned !== undefined) {
        Object.assign(layer, { weight });
        expectState(layer, run.assigned[0]);
        expectClose(flat(layer.weight), run.assigned[1]);
      }
      for (const field of ["weight", "bias"])
        if (parametrize.isParametrized(layer, field))
          parametrize.removeParametrizations(layer, field);
      expectState(layer, run.removed);
      expect(rand([1]).itemSync()).toBe(run.after);
      expect([layer.constructor, parametrize.isParametrized(layer)]).toEqual([Class, false]);
    },
  );
});

describe("registerParametrization()", () => {
  const { registerParametrization: register, removeParametrizations: remove } = parametrize;

  test("keeps the parameter's identity, for optimizers", () => {
    const layer = new nn.Linear(3, 3);
    const { weight } = layer;
    register(layer, "weight", new Symmetric());
    expect(layer.getParameter("parametrizations.weight.original")).toBe(weight);
    expect(remove(layer, "weight").weight).toBe(weight);
    expect(weight).toBeInstanceOf(nn.Parameter);
  });

  test("leaves the stored values on request", () => {
    const layer = register(new nn.Linear(2, 2), "bias", new Doubled());
    const before = layer.getParameter("parametrizations.bias.original").tolistSync();
    remove(layer, "bias", { leaveParametrized: false });
    expect(layer.bias?.tolistSync()).toEqual(before);
  });

  test("works on buffers, on deep copies each for itself, and in every mode", () => {
    const norm = register(new nn.BatchNorm1d(3), "runningMean", new Doubled());
    expect(Object.keys(norm.stateDict())).toContain("parametrizations.running_mean.original");
    const layer = p.spectralNorm(new nn.Linear(3, 3));
    const copy = layer.deepCopy();
    noGrad(() => copy.getParameter("parametrizations.weight.original").zero_().add_(1));
    expect(flat(copy.weight)).not.toEqual(flat(layer.weight));
    remove(copy, "weight");
    expect([copy.constructor, parametrize.isParametrized(layer)]).toEqual([nn.Linear, true]);
    expect(parametrize.typeBeforeParametrizations(layer)).toBe(nn.Linear);
    const still = p.spectralNorm(new nn.Linear(3, 3).eval());
    expect(flat(still.weight)).toEqual(flat(still.weight));
    layer.train();
    expect(flat(layer.weight)).not.toEqual(undefined);
  });

  test("loads state dicts of the weight norm before it", () => {
    const [old, fresh] = [utils.weightNorm(new nn.Linear(4, 3)), p.weightNorm(new nn.Linear(4, 3))];
    fresh.loadStateDict(old.stateDict());
    const x = rand([2, 4]);
    expectClose(flat(fresh.forward(x)), flat(old.forward(x)));
  });

  test("computes once within cached(), nested and asynchronous", async () => {
    let calls = 0;
    class Counted extends nn.Module {
      override forward(x: Tensor): Tensor {
        calls++;
        return x;
      }
    }
    const layer = register(new nn.Linear(2, 2), "weight", new Counted(), { unsafe: true });
    calls = 0;
    parametrize.cached(() => {
      layer.forward(zeros([1, 2]));
      parametrize.cached(() => layer.forward(zeros([1, 2])));
      layer.forward(zeros([1, 2]));
    });
    expect(calls).toBe(1);
    await parametrize.cached(async () => {
      layer.forward(zeros([1, 2]));
      await Promise.resolve();
      layer.forward(zeros([1, 2]));
    });
    expect(calls).toBe(2);
    expect(() =>
      parametrize.cached(() => {
        throw new Error("no");
      }),
    ).toThrow("no");
    layer.forward(zeros([1, 2]));
    layer.forward(zeros([1, 2]));
    expect(calls).toBe(4);
  });

  test("refuses what does not fit", () => {
    class Wider extends nn.Module {
      override forward(x: Tensor): Tensor {
        return cat([x, x]);
      }
    }
    class Double extends nn.Module {
      override forward(x: Tensor): Tensor {
        return x.double();
      }
    }
    class Nothing extends nn.Module<[x: Tensor], number> {
      override forward(): number {
        return 1;
      }
    }
    const layer = new nn.Linear(2, 2);
    const doubled = (): nn.Linear => register(new nn.Linear(2, 2), "weight", new Doubled());
    const refusals: [act: () => unknown, message: string][] = [
      [
        () => register(layer, "weights", new Doubled()),
        'registerParametrization: Cannot parametrize "weights" of Linear: expected a parameter, a buffer or a parametrized tensor',
      ],
      [
        () => register(layer, "weight", new Wider()),
        "registerParametrization: forward() changes the shape: expected [2, 2], received [4, 2]\n" +
          "Hint: pass { unsafe: true } if the change is meant",
      ],
      [
        () => register(doubled(), "weight", new Double()),
        "registerParametrization: forward() changes the dtype: expected float32, received float64",
      ],
      [
        () => register(doubled(), "weight", new Nothing()),
        "registerParametrization: forward() is no tensor: received number",
      ],
      [
        () => Object.assign(doubled(), { weight: zeros([2, 2]) }),
        "ParametrizationList: Cannot assign the tensor: Doubled has no rightInverse()",
      ],
      [
        () => remove(layer, "weight"),
        'removeParametrizations: "weight" of Linear is not parametrized',
      ],
      [
        () => remove(p.weightNorm(new nn.Linear(2, 2)), "weight", { leaveParametrized: false }),
        'removeParametrizations: Cannot leave the stored values of "weight": expected one tensor, received 2',
      ],
      [
        () => p.orthogonal(layer, { name: "bias" }),
        "orthogonal: Cannot keep the tensor orthogonal: expected at least 2 dims, received 1",
      ],
      [
        () => p.orthogonal(layer, { orthogonalMap: "x" as never }),
        "orthogonal: Option orthogonalMap is not valid: expected matrixExp, cayley, householder, received x",
      ],
      [
        () => p.orthogonal(layer, { name: "x" }),
        'orthogonal: Cannot parametrize "x" of Linear: expected a tensor there',
      ],
      [
        () => p.spectralNorm(layer, { dim: 2 }),
        "spectralNorm: Option dim is not valid: expected a dim of 2, received 2",
      ],
      [
        () => p.spectralNorm(layer, { nPowerIterations: 0 }),
        "spectralNorm: Option nPowerIterations is not valid: expected a number above 0, received 0",
      ],
    ];
    for (const [act, message] of refusals) expect(act).toThrow(message);
    expect(parametrize.isParametrized(layer)).toBe(false);
    expect(layer.weight).toBeInstanceOf(Tensor);
  });
});
