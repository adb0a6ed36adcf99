// Attention and Transformers beyond the replayed cases: the function, masks, copies, refusals.
import "@tead/autograd";
import { readFileSync } from "node:fs";
import { cpu } from "@tead/backend-cpu";
import * as nn from "@tead/nn";
import { functional as F } from "@tead/nn";
import {
  manualSeed,
  ones,
  rand,
  randn,
  setDefaultDevice,
  type Tensor,
  tensor,
  zeros,
} from "@tead/tensor";
import { describe, expect, expectTypeOf, test } from "vitest";
import type { Case } from "../parity/manifest.ts";
import { replay } from "../parity/replay.ts";

setDefaultDevice(cpu());

const { attention } = JSON.parse(
  readFileSync(new URL("../fixtures/sequence.json", import.meta.url), "utf8"),
) as { attention: Case[] };

const inline = (): never => {
  throw new Error("expected a tensor inline");
};
const close = (a: Tensor, b: Tensor): boolean => a.allcloseSync(b, { rtol: 1e-12, atol: 1e-12 });
const f64 = { dtype: "float64" } as const;

describe("scaledDotProductAttention", () => {
  test.each(attention)("$name: PyTorch's values and gradients", (c) => {
    replay(c, inline);
  });
  test("draws from the generator that it is given", () => {
    const x = ones([1, 4, 2]);
    const once = (): Tensor => {
      manualSeed(3);
      return F.scaledDotProductAttention(x, x, x, { dropoutP: 0.5 });
    };
    expect(once().tolistSync()).toEqual(once().tolistSync());
  });
});

test("a query that sees nothing gives 0, weights dropped or not", () => {
  manualSeed(0);
  const [query, value] = [ones([2, 3, 4]), ones([2, 3, 4])];
  const attnMask = tensor([[true], [false], [true]]).expand([3, 3]);
  const options = { attnMask, dropoutP: 0.1 };
  const output = F.scaledDotProductAttention(query, query, value, options);
  expect(output.select(1, 1).abs().amax().itemSync()).toBe(0);
  expect(output.select(1, 0).amin().itemSync()).toBeGreaterThan(0);
});

describe("MultiheadAttention", () => {
  test("gives weights unless told otherwise, also in its types", () => {
    const attend = new nn.MultiheadAttention(4, 2);
    const x = ones([3, 1, 4]);
    const [, weights] = attend.forward(x, x, x);
    expectTypeOf(weights).toEqualTypeOf<Tensor>();
    const [, none] = attend.forward(x, x, x, { needWeights: false });
    expectTypeOf(none).toEqualTypeOf<undefined>();
    expect([weights.shape, none]).toEqual([[1, 3, 3], undefined]);
  });

  test.each([
    [true, "float32", 0.5],
    [false, "float32", 0.1],
    [true, "float64", 0.1],
    [true, "float32", 1],
  ] as const)("drops the same weights whether they are given or not: %s, %s, %f", (...given) => {
    const [batchFirst, dtype, dropout] = given;
    manualSeed(2);
    const options = { batchFirst, dropout, addBiasKv: true, addZeroAttn: true };
    const attend = new nn.MultiheadAttention(16, 2, options).to(dtype);
    const [query, key] = [randn([9, 9, 16], { dtype }), randn([9, 9, 16], { dtype })];
    const attnMask = rand([9, 9]).lt(0.3);
    const results = [true, false].map((needWeights) => {
      manualSeed(5);
      attend.zeroGrad();
      const [output] = attend.forward(query, key, key, { attnMask, needWeights });
      output.square().sum().backward();
      const gradients = attend.parameters().map(({ grad }) => grad as Tensor);
      return [output.detach(), ...gradients, rand([1])];
    });
    const [apart, whole] = results as [Tensor[], Tensor[]];
    for (const [i, each] of whole.entries())
      expect(each.allcloseSync(apart[i] as Tensor, { rtol: 1e-4, atol: 1e-4 })).toBe(true);
  });

  test("takes masks of both kinds together", () => {
    manualSeed(0);
    const attend = new nn.MultiheadAttention(4, 2, { batchFirst: true }).to("float64");
    const x = randn([2, 3, 4], f64);
    const keyPaddingMask = tensor([
      [false, false, true],
      [false, true, false],
    ]);
    const attnMask = nn.Transformer.generateSquareSubsequentMask(3, f64);
    const added = zeros([2, 3], f64).maskedFill(keyPaddingMask, Number.NEGATIVE_INFINITY);
    const causal = attnMask.lt(0);
    const all = [
      { keyPaddingMask, attnMask },
      { keyPaddingMask: added, attnMask },
      { keyPaddingMask: added, attnMask: causal },
      { keyPaddingMask, attnMask: causal },
      { keyPaddingMask, isCausal: true },
    ].map((masks) => attend.forward(x, x, x, masks)[0]);
    for (const each of all) expect(close(each, all[0] as Tensor)).toBe(true);
  });

  test("gives 0 for a step that sees nothing, before the last projection, without weights", () => {
    const attend = new nn.MultiheadAttention(2, 1, { bias: false });
    const x = ones([2, 1, 2]);
    const keyPaddingMask = tensor([[true, true]]);
    const [output] = attend.forward(x, x, x, { keyPaddingMask, needWeights: false });
    expect(output.abs().amax().itemSync()).toBe(0);
  });
});

describe("a Transformer", () => {
  test("knows causal masks by name", () => {
    manualSeed(0);
    const layer = new nn.TransformerDecoderLayer(4, 2, { dimFeedforward: 8, dropout: 0 });
    const [tgt, memory] = [rand([3, 1, 4]), rand([3, 1, 4])];
    const tgtMask = nn.Transformer.generateSquareSubsequentMask(3);
    const masked = layer.forward(tgt, memory, { tgtMask, memoryMask: tgtMask });
    const causal = layer.forward(tgt, memory, { tgtIsCausal: true, memoryIsCausal: true });
    expect(causal.allcloseSync(masked, { rtol: 1e-6 })).toBe(true);
    expect(layer.forward(tgt, memory, tgtMask).allcloseSync(masked)).toBe(false);
  });

  test("copies a layer: weights, dtype, mode and frozen parameters, and draws nothing", () => {
    const layer = new nn.TransformerEncoderLayer(4, 2, { dimFeedforward: 8 }).to("float64").eval();
    layer.linear1.requiresGrad_(false);
    manualSeed(5);
    const wanted = rand([1]).itemSync();
    manualSeed(5);
    const { layers } = new nn.TransformerEncoder(layer, 2);
    expect(rand([1]).itemSync()).toBe(wanted);
    const [first, second] = [layers.at(0), layers.at(1)];
    expect(first.linear2.weight.dtype).toBe("float64");
    expect(first.training).toBe(false);
    expect(first.linear1.weight.requiresGrad).toBe(false);
    expect(close(first.linear2.weight, layer.linear2.weight)).toBe(true);
    first.linear2.weight.detach().fill_(0);
    expect(close(second.linear2.weight, layer.linear2.weight)).toBe(true);
  });

  test("stacks layers of one's own", () => {
    class Shift extends nn.Module<[src: Tensor, masks?: nn.EncoderLayerMasks]> {
      readonly by = new nn.Parameter(ones([2]));
      override forward(src: Tensor): Tensor {
        return src.add(this.by);
      }
    }
    const encoder = new nn.TransformerEncoder(new Shift(), 3);
    expectTypeOf(encoder.layers.at(0)).toEqualTypeOf<Shift>();
    expect(encoder.forward(zeros([1, 1, 2])).tolistSync()).toEqual([[[3, 3]]]);
    expect(encoder.parameters()).toHaveLength(3);
  });

  test("has norms and projections without biases where asked", () => {
    const layer = new nn.TransformerEncoderLayer(4, 2, { dimFeedforward: 8, bias: false });
    expect(Object.keys(layer.stateDict())).toEqual([
      "self_attn.in_proj_weight",
      "self_attn.out_proj.weight",
      "linear1.weight",
      "linear2.weight",
      "norm1.weight",
      "norm2.weight",
    ]);
  });

  test("takes an encoder of one's own", () => {
    const customEncoder = new nn.TransformerEncoder(new nn.TransformerEncoderLayer(4, 1), 1);
    const model = new nn.Transformer({ dModel: 4, nhead: 1, customEncoder, numDecoderLayers: 1 });
    expect(model.encoder).toBe(customEncoder);
    expect(model.forward(ones([2, 1, 4]), ones([3, 1, 4])).shape).toEqual([3, 1, 4]);
  });

  test("takes any function between its linear layers", () => {
    const options = { dimFeedforward: 2, dropout: 0, activation: (x: Tensor) => x.mul(0) };
    const layer = new nn.TransformerEncoderLayer(2, 1, { ...options, normFirst: true });
    const x = zeros([1, 1, 2]);
    expect(layer.forward(x).tolistSync()).toEqual(
      x
        .add(layer.selfAttn.outProj.bias as Tensor)
        .add(layer.linear2.bias as Tensor)
        .tolistSync(),
    );
  });
});

const attend = (options = {}): nn.MultiheadAttention => new nn.MultiheadAttention(4, 2, options);
const x = ones([3, 2, 4]);
const refusals: [make: () => unknown, message: string][] = [
  [
    () => new nn.MultiheadAttention(4, 3),
    "MultiheadAttention: Argument numHeads is not valid: expected a divisor of 4 (embedDim), received 3",
  ],
  [
    () => attend({ dropout: -1 }),
    "MultiheadAttention: Option dropout is not valid: expected a probability from 0 to 1, received -1",
  ],
  [() => attend({ kdim: 0 }), "MultiheadAttention: Argument kdim is not valid"],
  [
    () => attend().forward(ones([4]), x, x),
    "MultiheadAttention: Query has the wrong rank: expected 2 or 3 dims, received 1",
  ],
  [
    () => attend().forward(x, ones([3, 4]), x),
    "MultiheadAttention: Key has the wrong rank: expected 3 dims, received 2",
  ],
  [
    () => attend().forward(x, x, ones([3, 2, 5])),
    "MultiheadAttention: Value does not fit: expected 4 features, received 5",
  ],
  [
    () => attend().forward(x, x, ones([2, 2, 4])),
    "MultiheadAttention: Value does not fit key: expected [3, 2, 4], received [2, 2, 4]",
  ],
  [
    () => attend().forward(x, ones([3, 1, 4]), ones([3, 1, 4])),
    "MultiheadAttention: Key does not fit query: expected a batch of 2, received 1",
  ],
  [
    () => attend().forward(x, x, x, { attnMask: ones([2, 3]) }),
    "MultiheadAttention: Mask attnMask does not fit: expected [3, 3] or [4, 3, 3], received [2, 3]",
  ],
  [
    () => attend().forward(x, x, x, { keyPaddingMask: ones([3, 2]).eq(1) }),
    "MultiheadAttention: Mask keyPaddingMask does not fit: expected [2, 3], received [3, 2]",
  ],
  [
    () => attend().forward(x, x, x, { keyPaddingMask: ones([2, 3]).to("uint8") }),
    "MultiheadAttention: Mask keyPaddingMask has the wrong dtype: expected bool or a float dtype, received uint8",
  ],
  [
    () => F.scaledDotProductAttention(ones([2]), x, x),
    "scaledDotProductAttention: Operand has the wrong rank: expected at least 2 dims, received 1",
  ],
  [
    () => F.scaledDotProductAttention(x, ones([3, 2, 3]), x),
    "scaledDotProductAttention: Key does not fit query: expected 4 features, received 3",
  ],
  [
    () => F.scaledDotProductAttention(x, x, ones([3, 3, 4])),
    "scaledDotProductAttention: Value does not fit key: expected 2 rows, received 3",
  ],
  [
    () => F.scaledDotProductAttention(x, ones([2, 2, 4]), ones([2, 2, 4]), { enableGqa: true }),
    "scaledDotProductAttention: Heads do not divide: expected a divisor of 3 in dim -3, received 2",
  ],
  [
    () => F.scaledDotProductAttention(x, x, x, { dropoutP: 2 }),
    "scaledDotProductAttention: Option dropoutP is not valid: expected a probability from 0 to 1, received 2",
  ],
  [
    () => F.scaledDotProductAttention(x, x, x, { isCausal: true, attnMask: ones([2, 2]) }),
    "scaledDotProductAttention: Option isCausal is not valid: expected false beside attnMask, received true\n" +
      "Hint: put the causal part into the mask",
  ],
  [
    () => F.scaledDotProductAttention(x, x, x, { attnMask: ones([2, 2], f64) }),
    "scaledDotProductAttention: Mask has the wrong dtype: expected bool or float32, received float64\n" +
      "Hint: bool masks are true where a query sees a key",
  ],
  [
    () => new nn.TransformerEncoderLayer(4, 2, { activation: "selu" as "gelu" }),
    'TransformerEncoderLayer: Option activation is not valid: expected "relu", "gelu" or a function, received selu',
  ],
  [
    () => new nn.TransformerEncoder(new nn.TransformerEncoderLayer(4, 2), 0),
    "TransformerEncoder: Argument numLayers is not valid: expected an integer of at least 1, received 0",
  ],
  [
    () => new nn.TransformerDecoder(new nn.TransformerDecoderLayer(4, 2), 1.5),
    "TransformerDecoder: Argument numLayers is not valid",
  ],
];
const small = { dModel: 4, nhead: 2, numEncoderLayers: 1, numDecoderLayers: 1, dimFeedforward: 2 };
refusals.push(
  [
    () => new nn.Transformer(small).forward(x, ones([3, 2, 3])),
    "Transformer: Source or target does not fit: expected 4 features (dModel), received 4 and 3",
  ],
  [
    () => new nn.Transformer(small).forward(x, ones([3, 1, 4])),
    "Transformer: Source and target do not fit: expected batches of one size, received 2 and 1",
  ],
);
test.each(refusals)("attention refuses what does not fit: %#", (make, message) => {
  expect(make).toThrow(message);
});
