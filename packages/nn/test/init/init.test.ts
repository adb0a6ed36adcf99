// The same seed gives PyTorch's initial values, bit for bit, and takes as many draws.
import { readFileSync } from "node:fs";
import { crc32 } from "node:zlib";
import { cpu } from "@tead/backend-cpu";
import * as nn from "@tead/nn";
import { init } from "@tead/nn";
import { empty, manualSeed, rand, setDefaultDevice, type Tensor, zeros } from "@tead/tensor";
import { describe, expect, test } from "vitest";

setDefaultDevice(cpu());

interface Described {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly first: readonly number[];
  readonly crc32: number;
}
const fixture = JSON.parse(
  readFileSync(new URL("../fixtures/init.json", import.meta.url), "utf8"),
) as {
  seed: number;
  modules: Record<string, { state: Record<string, Described>; after: number }>;
  inits: Record<string, Described & { after: number }>;
  gains: Record<init.Nonlinearity, number>;
};

const modules: Record<string, () => nn.AnyModule> = {
  Linear: () => new nn.Linear(20, 30),
  "Linear without bias": () => new nn.Linear(7, 3, { bias: false }),
  "Linear float64": () => new nn.Linear(5, 4, { dtype: "float64" }),
  Conv1d: () => new nn.Conv1d(4, 6, 3),
  Conv2d: () => new nn.Conv2d(3, 16, 5),
  "Conv2d groups": () => new nn.Conv2d(8, 16, [3, 1], { groups: 4, bias: false }),
  Conv3d: () => new nn.Conv3d(2, 4, 3),
  ConvTranspose2d: () => new nn.ConvTranspose2d(4, 6, 3, { groups: 2 }),
  BatchNorm2d: () => new nn.BatchNorm2d(5),
  LayerNorm: () => new nn.LayerNorm([3, 4]),
  GroupNorm: () => new nn.GroupNorm(2, 4),
  PReLU: () => new nn.PReLU(3),
  Embedding: () => new nn.Embedding(10, 4),
  "Embedding small": () => new nn.Embedding(3, 4),
  "Embedding padding": () => new nn.Embedding(5, 8, { paddingIdx: -2 }),
  ConvTranspose1d: () => new nn.ConvTranspose1d(3, 4, 5),
  ConvTranspose3d: () => new nn.ConvTranspose3d(2, 2, 3, { bias: false }),
  Bilinear: () => new nn.Bilinear(3, 4, 5),
  EmbeddingBag: () => new nn.EmbeddingBag(6, 5, { paddingIdx: 2 }),
  InstanceNorm1d: () => new nn.InstanceNorm1d(3, { affine: true }),
  AdaptiveLogSoftmaxWithLoss: () =>
    new nn.AdaptiveLogSoftmaxWithLoss(16, 20, [5, 10], { headBias: true }),
  Sequential: () =>
    new nn.Sequential(
      new nn.Conv2d(1, 8, 3),
      new nn.BatchNorm2d(8),
      new nn.Flatten(),
      new nn.Linear(8, 2),
    ),
};
const w = (): Tensor => empty([6, 4, 3, 2]);
const inits: Record<string, () => Tensor> = {
  uniform_: () => init.uniform_(w(), -2, 3),
  normal_: () => init.normal_(w(), 1, 0.5),
  constant_: () => init.constant_(w(), 0.25),
  eye_: () => init.eye_(empty([4, 6])),
  dirac_: () => init.dirac_(empty([6, 4, 3, 3])),
  "dirac_ groups": () => init.dirac_(empty([6, 2, 3]), { groups: 3 }),
  xavierUniform_: () => init.xavierUniform_(w(), { gain: 2 }),
  xavierNormal_: () => init.xavierNormal_(w()),
  kaimingUniform_: () => init.kaimingUniform_(w()),
  "kaimingUniform_ relu": () => init.kaimingUniform_(w(), { mode: "fanOut", nonlinearity: "relu" }),
  kaimingNormal_: () => init.kaimingNormal_(w(), { a: 0.3 }),
  "kaimingNormal_ tanh": () => init.kaimingNormal_(w(), { mode: "fanOut", nonlinearity: "tanh" }),
};

function described(tensor: Tensor): Described {
  const data = tensor.dataSync();
  return {
    shape: tensor.shape,
    dtype: tensor.dtype,
    first: Array.from(data.slice(0, 6), Number),
    crc32: checksum(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  };
}

/** zlib's crc32 came with Node 22.2. */
function checksum(bytes: Uint8Array): number {
  if (crc32 !== undefined) return crc32(bytes);
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let k = 0; k < 8; k++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

function seeded<T>(build: () => T): { value: T; after: number } {
  manualSeed(fixture.seed);
  const value = build();
  return { value, after: Number(rand([1]).itemSync()) };
}

describe("a module's first weights", () => {
  test("are compared for every case of the fixture", () => {
    expect(Object.keys(modules)).toEqual(Object.keys(fixture.modules));
  });
  test.each(Object.entries(modules))("%s begins as PyTorch's", (name, build) => {
    const { value, after } = seeded(build);
    const state = Object.entries(value.stateDict()).map(([k, t]) => [k, described(t)]);
    expect({ state: Object.fromEntries(state), after }).toEqual(fixture.modules[name]);
  });
});

describe("init", () => {
  test("is compared for every case of the fixture", () => {
    expect(Object.keys(inits)).toEqual(Object.keys(fixture.inits));
  });
  test.each(Object.entries(inits))("%s writes PyTorch's values", (name, build) => {
    const { value, after } = seeded(build);
    expect({ ...described(value), after }).toEqual(fixture.inits[name]);
  });
  test.each(Object.entries(fixture.gains))("calculateGain() of %s is PyTorch's", (name, gain) => {
    expect(init.calculateGain(name as init.Nonlinearity)).toBe(gain);
  });

  test("refuses tensors and options that do not fit", () => {
    expect(() => init.xavierUniform_(zeros([3]))).toThrow(
      "init: Cannot compute fan in and fan out: expected at least 2 dims, received 1",
    );
    expect(() => init.eye_(zeros([3]))).toThrow(
      "eye_: Tensor has the wrong rank: expected 2 dims, received 1",
    );
    expect(() => init.dirac_(zeros([3, 3]))).toThrow("expected 3 to 5 dims, received 2");
    expect(() => init.dirac_(zeros([3, 3, 1]), { groups: 2 })).toThrow(
      "dirac_: Option groups is not valid: expected a divisor of 3, received 2",
    );
    expect(() => init.calculateGain("swish" as init.Nonlinearity)).toThrow(
      "calculateGain: Option nonlinearity is not valid: expected the name of an activation, received swish",
    );
    expect(() => init.kaimingNormal_(zeros([2, 2]), { mode: "fan" as init.FanMode })).toThrow(
      'init: Option mode is not valid: expected "fanIn" or "fanOut", received fan',
    );
  });
});
