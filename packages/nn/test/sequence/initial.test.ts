// The same seed gives PyTorch's weights, draw for draw; modules print as in PyTorch.
import { readFileSync } from "node:fs";
import { crc32 } from "node:zlib";
import { cpu } from "@tead/backend-cpu";
import * as nn from "@tead/nn";
import { manualSeed, rand, setDefaultDevice, type Tensor } from "@tead/tensor";
import { describe, expect, test } from "vitest";

setDefaultDevice(cpu());

const { initial } = JSON.parse(
  readFileSync(new URL("../fixtures/sequence.json", import.meta.url), "utf8"),
) as {
  initial: Record<
    string,
    { state: Record<string, { shape: number[]; crc32: number }>; after: number; repr: string }
  >;
};
/** How PyTorch 2 prints lists of layers. */
const { printed } = JSON.parse(
  readFileSync(new URL("../fixtures/current.json", import.meta.url), "utf8"),
) as { printed: Record<string, string> };
const builders: Record<string, () => nn.AnyModule> = {
  RNN: () => new nn.RNN(3, 4, { numLayers: 2, bidirectional: true }),
  LSTM: () => new nn.LSTM(3, 5, { numLayers: 2, projSize: 2 }),
  GRU: () => new nn.GRU(3, 4, { bias: false }),
  LSTMCell: () => new nn.LSTMCell(3, 4),
  MultiheadAttention: () => new nn.MultiheadAttention(4, 2, { addBiasKv: true }),
  "MultiheadAttention of other sizes": () =>
    new nn.MultiheadAttention(4, 2, { kdim: 3, vdim: 5, bias: false }),
  TransformerEncoder: () =>
    new nn.TransformerEncoder(new nn.TransformerEncoderLayer(4, 2, { dimFeedforward: 3 }), 2, {
      norm: new nn.LayerNorm(4),
    }),
  Transformer: () =>
    new nn.Transformer({
      dModel: 4,
      nhead: 2,
      numEncoderLayers: 2,
      numDecoderLayers: 1,
      dimFeedforward: 3,
    }),
};

describe.each(Object.entries(initial))("%s", (name, wanted) => {
  test("begins with PyTorch's weights, draw for draw", () => {
    manualSeed(0);
    const module = builders[name]?.() as nn.AnyModule;
    const state = Object.entries(module.stateDict()).map(([key, t]) => [
      key,
      { shape: t.shape, crc32: checksum(t) },
    ]);
    expect(Object.fromEntries(state)).toEqual(wanted.state);
    expect(rand([1]).itemSync()).toBe(wanted.after);
  });
  test("prints as in PyTorch", () => {
    expect(String(builders[name]?.())).toBe(printed[name] ?? wanted.repr);
  });
});

const checksum = (t: Tensor): number =>
  crc32(new Uint8Array((t.dataSync() as Float32Array).buffer));
