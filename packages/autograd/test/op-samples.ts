// Operands for every differentiable op of the table: what gradcheck and gradgradcheck are run on.
// An op without a sample fails op-gradients.test.ts; add yours to the family that it belongs to.
import { ops, type Tensor, tensor } from "@tead/tensor";

/** The operands in order, and the attributes. */
export type Sample = readonly [operands: readonly unknown[], attrs?: object];

const fill = (shape: readonly number[], value: (i: number) => number): Tensor => {
  const count = shape.reduce((n, size) => n * size, 1);
  const values = Float64Array.from({ length: count }, (_, i) => value(i));
  return tensor(values, { shape, dtype: "float64", requiresGrad: true });
};

/** Distinct values between `low` and `high`, in no order. */
const within = (low: number, high: number, shape: readonly number[], salt = 0): Tensor =>
  fill(shape, (i) => low + (high - low) * (((i + 1 + salt * 0.37) * 0.61803398875) % 1));
const positive = (shape: readonly number[], salt = 0): Tensor => within(0.4, 1.9, shape, salt);
/** Of both signs, away from 0 and from whole numbers. */
const signed = (shape: readonly number[], salt = 0): Tensor =>
  fill(
    shape,
    (i) =>
      ((i + salt) % 2 === 0 ? 1 : -1) * (0.15 + ((i * 0.37 + salt * 0.11) % 0.7)) +
      ((i * 7 + salt) % 3) -
      1,
  );
const indices = (values: readonly number[], shape: readonly number[] = [values.length]): Tensor =>
  tensor(values, { shape, dtype: "int32" });
const bools = (values: readonly boolean[]): Tensor => tensor(values);

const m = [2, 3] as const;

const unary = (make: (shape: readonly number[], salt?: number) => Tensor): Sample[] => [
  [[make(m)]],
  [[make([])]],
];
const both: Sample[] = [
  [[signed(m), signed(m, 1)]],
  [[signed([2, 1]), signed([3], 1)]],
  [[signed(m), 1.3]],
  [[0.7, signed(m)]],
];
const bothPositive: Sample[] = [
  [[positive(m), positive(m, 1)]],
  [[positive([2, 1]), positive([3], 1)]],
  [[positive(m), 1.3]],
];
const reductions = (extra: object = {}): Sample[] => [
  [[signed(m)], { dims: [1], keepDim: false, ...extra }],
  [[signed([2, 3, 2])], { dims: [0, 2], keepDim: true, ...extra }],
  [[signed(m)], { dims: [0, 1], keepDim: false, ...extra }],
];
const activation = (attrs: object = {}): Sample[] => [[[signed([2, 4])], attrs]];
const activationGrad = (attrs: object = {}): Sample[] => [
  [[signed([2, 4], 1), signed([2, 4])], attrs],
];
const float64 = { dtype: "float64" };

const elementwise: Readonly<Record<string, readonly Sample[]>> = {
  ...Object.fromEntries(
    "neg abs sign exp expm1 sin cos tanh erf floor ceil round trunc square sigmoid relu exp2 erfc atan sinh cosh asinh sinc"
      .split(" ")
      .map((name) => [name, unary(signed)]),
  ),
  ...Object.fromEntries(
    "log log1p sqrt reciprocal rsqrt log2 log10".split(" ").map((name) => [name, unary(positive)]),
  ),
  ...Object.fromEntries(
    "tan asin acos atanh"
      .split(" ")
      .map((name) => [name, unary((shape, salt) => within(-0.8, 0.8, shape, salt))]),
  ),
  acosh: unary((shape, salt) => within(1.2, 3, shape, salt)),
  ...Object.fromEntries(
    "add sub mul div atan2 maximum minimum fmax fmin hypot logaddexp logaddexp2 copysign"
      .split(" ")
      .map((name) => [name, both]),
  ),
  ...Object.fromEntries(
    "remainder fmod"
      .split(" ")
      .map((name) => [
        name,
        [
          [[signed(m), within(0.31, 0.77, m, 2)]],
          [[signed(m), 0.7]],
          [[signed([2, 1]), within(0.31, 0.77, [3])]],
        ] satisfies Sample[],
      ]),
  ),
  pow: [
    ...bothPositive,
    [[signed(m), 2]],
    [[signed(m), 3]],
    [[signed(m), 1]],
    [[signed(m), 0]],
    [[positive(m), -0.5]],
    [[1.7, signed(m)]],
  ],
  xlogy: bothPositive,
  xlog1py: bothPositive,
  where: [
    [[bools([true, false, true]), signed(m), signed(m, 1)]],
    [[bools([true, false, true]), signed([2, 1]), 0.5]],
    [[bools([true, false, true]), 0.5, signed(m, 1)]],
  ],
  addcmul: [
    [[signed(m), signed(m, 1), signed(m, 2)]],
    [[signed([1, 3]), signed(m, 1), signed([2, 1])]],
    [[signed(m), signed([3], 1), 1.3]],
  ],
  clamp: [
    [[signed(m), -0.5, 0.62]],
    [[signed(m), undefined, 0.62]],
    [[signed(m), -0.5, undefined]],
    [[signed(m), within(-0.9, -0.2, [3]), within(0.2, 0.9, [3])]],
    [[signed(m), within(-0.2, 0.9, m, 3), within(-0.9, 0.2, m, 5)]],
  ],
};

const reduced: Readonly<Record<string, readonly Sample[]>> = {
  sum: reductions(float64),
  mean: reductions(),
  prod: [
    ...reductions(float64),
    [
      [tensor([1.5, 0, 2.5], { dtype: "float64", requiresGrad: true })],
      { dims: [0], keepDim: false, ...float64 },
    ],
    [
      [tensor([1.5, 0, 0], { dtype: "float64", requiresGrad: true })],
      { dims: [0], keepDim: false, ...float64 },
    ],
    [[signed([])], { dims: [], keepDim: false, ...float64 }],
  ],
  amax: reductions(),
  amin: reductions(),
  var: reductions({ correction: 1 }),
  std: reductions({ correction: 0 }),
  norm2: reductions(),
  norm: [...reductions({ p: 3 }), ...reductions({ p: 1.5 })],
  median: reductions()
    .slice(0, 1)
    .map(([x]) => [x, { dim: 1, keepDim: false }] satisfies Sample),
  cumsum: [
    [[signed(m)], { dim: 1, ...float64 }],
    [[signed(m)], { dim: 0, ...float64 }],
    [[signed([])], { dim: 0, ...float64 }],
  ],
  cumprod: [
    [[signed(m)], { dim: 1, ...float64 }],
    [
      [
        tensor(
          [
            [1.5, 0],
            [2, 0.5],
            [0, 3],
          ],
          { dtype: "float64", requiresGrad: true },
        ),
      ],
      { dim: 0, ...float64 },
    ],
  ],
  sort: [
    [[signed([2, 4])], { dim: 1, descending: false }],
    [[signed([4, 2])], { dim: 0, descending: true }],
  ],
  topk: [
    [[signed([2, 4])], { dim: 1, k: 2, largest: true }],
    [[signed([4, 2])], { dim: 0, k: 3, largest: false }],
  ],
  softmax: [
    [[signed(m)], { dim: 1 }],
    [[signed(m)], { dim: 0 }],
  ],
  logSoftmax: [
    [[signed(m)], { dim: 1 }],
    [[signed(m)], { dim: 0 }],
  ],
  softmaxGrad: [[[signed(m), positive(m)], { dim: 1 }]],
  logSoftmaxGrad: [[[signed(m), signed(m, 1)], { dim: 1 }]],
};

const shaped: Readonly<Record<string, readonly Sample[]>> = {
  copy: [[[signed(m)], float64]],
  fill: [],
  expand: [
    [[signed([2, 1])], { shape: [3, 2, 4] }],
    [[signed([2, 1])], { shape: [-1, 3] }],
  ],
  view: [
    [[signed(m)], { shape: [3, 2] }],
    [[signed(m)], { shape: [6] }],
  ],
  permute: [[[signed([2, 3, 2])], { dims: [2, 0, -2] }]],
  slice: [[[signed([2, 5])], { dim: 1, start: 1, end: 5, step: 2 }]],
  select: [[[signed(m)], { dim: 1, index: -1 }]],
  diagonal: [
    [[signed([3, 4])], { offset: 1, dim1: 0, dim2: 1 }],
    [[signed([3, 2])], { offset: -1, dim1: 1, dim2: 0 }],
  ],
  asStrided: [
    [[signed(m)], { shape: [2, 2], strides: [2, 1], offset: 1 }],
    [[signed(m)], { shape: [3, 3], strides: [1, 1], offset: 0 }],
  ],
  unfold: [[[signed([2, 5])], { dim: 1, size: 3, step: 1 }]],
  embed: [[[signed([2])], { shape: [2, 3], view: ops.selectOp, attrs: { dim: 1, index: 2 } }]],
  viewScatter: [[[signed(m), signed([2], 1)], { view: ops.selectOp, attrs: { dim: 1, index: 2 } }]],
  cat: [
    [[[signed(m), signed([1, 3], 1)]], { dim: 0 }],
    [[[signed(m), signed([2, 1], 1)]], { dim: 1 }],
  ],
  flip: [
    [[signed(m)], { dims: [0, 1] }],
    [[signed(m)], { dims: [] }],
  ],
  tril: [[[signed([2, 3, 3])], { diagonal: 0 }]],
  triu: [[[signed([3, 4])], { diagonal: 1 }]],
  pad: [[[signed(m)], { before: [1, 0], after: [0, 2], value: 0.5 }]],
  indexSelect: [
    [[signed(m), indices([2, 0, 2])], { dim: 1 }],
    [[signed(m), indices([1])], { dim: 0 }],
  ],
  gather: [
    [[signed(m), indices([0, 2, 2, 1], [2, 2])], { dim: 1 }],
    [[signed(m), indices([1, 0, 1], [1, 3])], { dim: 0 }],
  ],
  scatter: [
    [[signed(m), indices([0, 2, 2, 1], [2, 2]).view([2, 2]), signed([2, 3], 1)], { dim: 1 }],
  ],
  scatterAdd: [[[signed(m), indices([0, 2, 2, 1], [2, 2]), signed([2, 3], 1)], { dim: 1 }]],
  indexAdd: [[[signed(m), indices([2, 0, 2, 1]), signed([2, 4], 1)], { dim: 1 }]],
  matmul: [
    [[signed(m), signed([3, 4], 1)]],
    [[signed([2, 2, 3]), signed([2, 3, 2], 1)]],
    [[signed([2, 1, 2, 3]), signed([3, 3, 2], 1)]],
  ],
  linear: [
    [[signed(m), signed([4, 3], 1), signed([4], 2)]],
    [[signed([2, 2, 3]), signed([4, 3], 1), undefined]],
    [[signed([3]), signed([4, 3], 1), signed([4], 2)]],
  ],
  linearGradWeight: [[[signed([3, 4]), signed([3, 2], 1)]]],
};

const pool2 = { kernelSize: [2, 2], stride: [2, 1], padding: [1, 0], ceilMode: false };
const conv2 = { stride: [2, 1], padding: [1, 0], dilation: [1, 2], groups: 2 };
const image = [1, 2, 4, 4] as const;
const kernel = [4, 1, 2, 2] as const;
// Of image under kernel and conv2: 3 by 2.
const output = [1, 4, 3, 2] as const;
const moments = (count: number): readonly Tensor[] => [signed([count], 3), positive([count], 4)];

const neural: Readonly<Record<string, readonly Sample[]>> = {
  ...Object.fromEntries(
    "silu mish logsigmoid hardswish hardsigmoid".split(" ").flatMap((name) => [
      [name, activation()],
      [`${name}Grad`, activationGrad()],
    ]),
  ),
  gelu: [...activation({ approximate: "none" }), ...activation({ approximate: "tanh" })],
  geluGrad: [
    ...activationGrad({ approximate: "none" }),
    ...activationGrad({ approximate: "tanh" }),
  ],
  softplus: [
    ...activation({ beta: 1.5, threshold: 20 }),
    ...activation({ beta: 1, threshold: 0.5 }),
  ],
  softplusGrad: activationGrad({ beta: 1.5, threshold: 20 }),
  leakyRelu: activation({ negativeSlope: 0.1 }),
  leakyReluGrad: activationGrad({ negativeSlope: 0.1 }),
  elu: activation({ alpha: 1.3, scale: 1.1, inputScale: 0.7 }),
  eluGrad: activationGrad({ alpha: 1.3, scale: 1.1, inputScale: 0.7 }),
  hardtanh: activation({ min: -0.6, max: 0.55 }),
  hardtanhGrad: activationGrad({ min: -0.6, max: 0.55 }),
  hardshrink: activation({ lambd: 0.44 }),
  hardshrinkGrad: activationGrad({ lambd: 0.44 }),
  softshrink: activation({ lambd: 0.44 }),
  softshrinkGrad: activationGrad({ lambd: 0.44 }),
  threshold: activation({ threshold: 0.33, value: -2 }),
  thresholdGrad: activationGrad({ threshold: 0.33, value: -2 }),
  reluGrad: activationGrad(),
  sigmoidGrad: [[[signed(m), within(0.1, 0.9, m)]]],
  tanhGrad: [[[signed(m), within(-0.9, 0.9, m)]]],
  conv: [
    [[signed(image), signed(kernel, 1), signed([4], 2)], conv2],
    [
      [signed([2, 2, 5]), signed([3, 2, 3], 1), undefined],
      { stride: [1], padding: [1], dilation: [1], groups: 1 },
    ],
  ],
  convGradInput: [[[signed(output), signed(kernel, 1)], { ...conv2, inputSize: [4, 4] }]],
  convGradWeight: [[[signed(image), signed(output, 1)], { ...conv2, kernelSize: [2, 2] }]],
  maxPool: [[[signed(image)], { ...pool2, dilation: [1, 1] }]],
  maxPoolGrad: [
    [
      [signed([1, 2, 2, 2]), indices([0, 3, 5, 15, 1, 1, 8, 10], [1, 2, 2, 2])],
      { inputSize: [4, 4] },
    ],
  ],
  avgPool: [[[signed(image)], { ...pool2, countIncludePad: true, divisorOverride: undefined }]],
  avgPoolGrad: [
    [
      [signed([1, 2, 3, 3])],
      { ...pool2, countIncludePad: false, divisorOverride: undefined, inputSize: [4, 4] },
    ],
  ],
  adaptiveAvgPool: [[[signed(image)], { outputSize: [3, 2] }]],
  adaptiveAvgPoolGrad: [[[signed([1, 2, 3, 2])], { outputSize: [3, 2], inputSize: [4, 4] }]],
  adaptiveMaxPool: [[[signed(image)], { outputSize: [3, 2] }]],
  batchNorm: [
    [[signed([3, 2, 2]), signed([2], 1), signed([2], 2)], { eps: 0.1 }],
    [[signed([4, 2]), undefined, undefined], { eps: 0.1 }],
  ],
  batchNormGrad: [
    [[signed([3, 2, 2]), signed([3, 2, 2], 1), signed([2], 2), ...moments(2)], { eps: 0.1 }],
  ],
  layerNorm: [
    [[signed([2, 2, 3]), signed([3], 1), signed([3], 2)], { eps: 0.1, dims: 1 }],
    [[signed([2, 2, 3]), undefined, undefined], { eps: 0.1, dims: 2 }],
  ],
  layerNormGrad: [
    [[signed([2, 3]), signed([2, 3], 1), signed([3], 2), ...moments(2)], { eps: 0.1, dims: 1 }],
  ],
  groupNorm: [[[signed([2, 4, 2]), signed([4], 1), signed([4], 2)], { eps: 0.1, groups: 2 }]],
  groupNormGrad: [
    [
      [
        signed([2, 4, 2]),
        signed([2, 4, 2], 1),
        signed([4], 2),
        signed([2, 2], 3),
        positive([2, 2], 4),
      ],
      { eps: 0.1, groups: 2 },
    ],
  ],
  nllLoss: ["mean", "sum", "none"].map(
    (reduction): Sample => [
      [signed([4, 3]), indices([2, 0, -100, 1]), positive([3]).detach()],
      { reduction, ignoreIndex: -100 },
    ],
  ),
  nllLossGrad: [
    [
      [signed([]), indices([2, 0, -100, 1]), positive([3]).detach(), positive([3]).detach().sum()],
      { reduction: "mean", ignoreIndex: -100, classes: 3 },
    ],
  ],
  crossEntropy: ["mean", "sum", "none"].map(
    (reduction): Sample => [
      [signed([4, 3]), indices([2, 0, -100, 1]), positive([3]).detach()],
      { reduction, ignoreIndex: -100 },
    ],
  ),
  crossEntropyGrad: [
    [
      [
        signed([]),
        signed([4, 3]),
        indices([2, 0, -100, 1]),
        positive([3]).detach(),
        positive([3]).detach().sum(),
      ],
      { reduction: "mean", ignoreIndex: -100 },
    ],
  ],
  mseLoss: ["mean", "sum", "none"].map(
    (reduction): Sample => [[signed([4, 3]), signed([4, 3], 1)], { reduction }],
  ),
  mseLossGrad: [[[signed([]), signed([4, 3]), signed([4, 3], 1)], { reduction: "mean" }]],
  binaryCrossEntropy: [[[within(0.1, 0.9, m), within(0.2, 0.8, m, 1)]]],
  embedding: [
    [
      [indices([1, 3, 1, 0], [2, 2]), signed([4, 2])],
      { paddingIdx: undefined, scaleGradByFreq: false },
    ],
  ],
  embeddingGrad: [
    [
      [signed([2, 2, 2]), indices([1, 3, 1, 0], [2, 2])],
      { paddingIdx: 3, scaleGradByFreq: true, numEmbeddings: 4 },
    ],
  ],
};

/** Three steps of two sequences, the second of which ends a step before the first. */
const steps = { batchSizes: [2, 2, 1], reverse: false };
const backwards = { ...steps, reverse: true };
/** Two steps, for ops with many operands. */
const few = { batchSizes: [2, 1], reverse: false };
/** Which of three keys two queries see. */
const sees = [true, false, true, false, true, false];

const recurrent: Readonly<Record<string, readonly Sample[]>> = {
  rnnSequence: [
    [[signed([5, 2]), signed([2, 2], 1), signed([2, 2], 2)], { ...steps, nonlinearity: "tanh" }],
    [
      [signed([5, 2]), signed([2, 2], 1), signed([2, 2], 2)],
      { ...backwards, nonlinearity: "relu" },
    ],
  ],
  lstmSequence: [
    [[signed([3, 8]), signed([2, 2], 1), signed([2, 2], 2), signed([8, 2], 3), undefined], few],
    [
      [
        ...[signed([3, 8]), signed([2, 1], 1), signed([2, 2], 2), signed([8, 1], 3)],
        signed([1, 2], 4),
      ],
      { ...few, reverse: true },
    ],
  ],
  attention: [
    [
      [signed([2, 3]), signed([3, 3], 1), signed([3, 2], 2), undefined, undefined],
      { scale: 0.5, causal: true },
    ],
    [
      [
        ...[signed([2, 2, 2]), signed([2, 3, 2], 1), signed([2, 3, 2], 2), signed([2, 2, 3], 3)],
        undefined,
      ],
      { scale: 0.7, causal: false },
    ],
    [
      [signed([2, 2]), signed([3, 2], 1), signed([3, 2], 2), bools(sees).view([2, 3]), undefined],
      { scale: 0.7, causal: false },
    ],
    [
      [
        ...[signed([2, 2, 2]), signed([3, 2, 2], 1), signed([3, 2, 2], 2), undefined],
        bools([...sees, ...sees]).view([2, 2, 3]),
      ],
      { scale: 0.7, causal: false, keptScale: 2, rowDim: -3 },
    ],
  ],
  attentionGrad: [undefined, signed([2, 3], 5)].map((mask, i): Sample => {
    const operands = [signed([2, 2]), signed([2, 2], 1), signed([3, 2], 2), signed([3, 2], 3)];
    const saved = [signed([2, 2], 4), positive([2])];
    const kept = i === 0 ? undefined : bools(sees).view([2, 3]);
    return [[...operands, mask, kept, ...saved], { scale: 0.5, causal: i === 0, keptScale: 1.5 }];
  }),
  maskedScale: [
    [[bools([true, false, true, true]).view([2, 2]), signed([2, 2])], { scale: 1.25 }],
    [[bools([true, false]).view([2, 1]), signed([2, 3])], { scale: 2 }],
  ],
  rnnSequenceGrad: [
    [[signed([5, 2]), signed([2, 2], 1), signed([5, 2], 2)], { ...steps, nonlinearity: "tanh" }],
    [[signed([5, 2]), signed([2, 2], 1), signed([5, 2], 2)], { ...steps, nonlinearity: "relu" }],
  ],
  lstmSequenceGrad: [false, true].map((reverse): Sample => {
    const gradCells = reverse ? undefined : signed([3, 1], 5);
    const saved = [signed([2, 1], 1), signed([4, 1], 2), signed([3, 1], 3), signed([3, 4], 4)];
    return [[signed([3, 1]), gradCells, ...saved], { ...few, reverse }];
  }),
  gruSequenceGrad: [false, true].map((reverse): Sample => {
    const saved = [signed([2, 1], 1), signed([3, 1], 2), signed([3, 1], 3), signed([3, 4], 4)];
    return [[signed([3, 1]), ...saved], { ...few, reverse }];
  }),
  gruSequence: [
    [[signed([3, 6]), signed([2, 2], 1), signed([6, 2], 2), undefined], few],
    [
      [signed([3, 6]), signed([2, 2], 1), signed([6, 2], 2), signed([6], 3)],
      { ...few, reverse: true },
    ],
  ],
};

export const samples: Readonly<Record<string, readonly Sample[]>> = {
  ...elementwise,
  ...reduced,
  ...shaped,
  ...neural,
  ...recurrent,
};
