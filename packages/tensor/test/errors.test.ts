import { cpu } from "@tead/backend-cpu";
import {
  arange,
  type Backend,
  DeviceError,
  DTypeError,
  einsum,
  empty,
  eye,
  full,
  linspace,
  multiDot,
  ones,
  rand,
  randint,
  ShapeError,
  StateError,
  setDefaultDevice,
  slice,
  tensor,
  tensordot,
  UnsupportedError,
  zeros,
} from "@tead/tensor";
import { expect, test } from "vitest";
import { expectRefusals, type Refusals } from "./support/refusals.ts";

setDefaultDevice(cpu());

const matrix = zeros([2, 3]);
const vector = zeros([3]);
const scalar = zeros([]);
const index = tensor([0, 1]);
const mask = tensor([true, false, true]);

/** The first line of each message; the operands and the hint stand below it. */
const refusals: Refusals = {
  elementwise: [
    [
      () => matrix.add(zeros([2, 2])),
      ShapeError,
      "add: Cannot broadcast [2, 3] with [2, 2]: expected equal sizes or 1 at dim 1, received 3 and 2",
    ],
    [() => mask.sub(mask), DTypeError, "sub: Cannot compute with bool operands: expected numbers"],
    [() => mask.neg(), DTypeError, "neg: Cannot compute with bool operands: expected numbers"],
    [
      () => vector.bitwiseAnd(1),
      DTypeError,
      "bitwiseAnd: Operand is not an integer: expected an integer or bool, received float32",
    ],
    [
      () => vector.bitwiseNot(),
      DTypeError,
      "bitwiseNot: Operand is not an integer: expected an integer or bool, received float32",
    ],
    [
      () => vector.where(1, 2),
      DTypeError,
      "where: Condition is not bool: expected bool, received float32",
    ],
    [() => vector.clamp(), RangeError, "clamp: No limit: expected min, max or both"],
    [
      () => mask.positive(),
      DTypeError,
      "positive: Cannot compute with bool operands: expected numbers",
    ],
  ],
  "in place": [
    [
      () => index.add_(0.5),
      DTypeError,
      "add: Cannot write the result in place: expected a result that fits int32, received float32",
    ],
    [
      () => vector.add_(matrix),
      ShapeError,
      "add: Cannot write the result in place: expected a result of shape [3], received [2, 3]",
    ],
    [
      () => scalar.expand([3]).add_(1),
      StateError,
      "add: Cannot write in place: expected a tensor whose elements each have their own place, received an expanded view",
    ],
    [
      () => index.fill_(3e9),
      DTypeError,
      "fill: Value does not fit int32: expected -2147483648 to 2147483647, received 3000000000",
    ],
  ],
  reductions: [
    [
      () => zeros([2, 0]).amax(1),
      ShapeError,
      "amax: Cannot reduce an empty dim: expected at least one element along dim 1",
    ],
    [
      () => index.mean(),
      DTypeError,
      "mean: Input of mean is not floating-point: expected a float dtype, received int32",
    ],
    [
      () => index.var(),
      DTypeError,
      "var: Input of var is not floating-point: expected a float dtype, received int32",
    ],
    [
      () => matrix.sum(2),
      ShapeError,
      "sum: Dim is out of range: expected an integer from -2 to 1, received 2",
    ],
    [
      () => matrix.sum([0, -2]),
      ShapeError,
      "sum: Dims repeat: expected each dim once, received [0, -2]",
    ],
    [
      () => matrix.argmax(-3),
      ShapeError,
      "argmax: Dim is out of range: expected an integer from -2 to 1, received -3",
    ],
    [
      () => matrix.cumsum(0.5),
      ShapeError,
      "cumsum: Dim is out of range: expected an integer from -2 to 1, received 0.5",
    ],
    [
      () => zeros([0]).median(0),
      ShapeError,
      "median: Cannot reduce an empty dim: expected at least one element",
    ],
    [() => matrix.topk(4), ShapeError, "topk: k is out of range: expected 0 to 3, received 4"],
    [
      () => matrix.kthvalue(0),
      ShapeError,
      "kthvalue: k is out of range: expected 1 to 3, received 0",
    ],
    [
      () => matrix.softmax(2),
      ShapeError,
      "softmax: Dim is out of range: expected an integer from -2 to 1, received 2",
    ],
  ],
  views: [
    [
      () => matrix.view([4, 2]),
      ShapeError,
      "view: Cannot view 6 elements as [4, 2]: expected a shape of as many elements",
    ],
    [
      () => matrix.t().view([6]),
      ShapeError,
      "view: Cannot view [3, 2] as [6]: expected dims that are contiguous in memory, received strides [1, 3]",
    ],
    [
      () => matrix.expand([2, 4]),
      ShapeError,
      "expand: Cannot expand [2, 3] to [2, 4]: expected equal sizes where a dim is not 1, and new dims in front",
    ],
    [
      () => matrix.permute([0, 0]),
      ShapeError,
      "permute: Cannot permute [2, 3] by [0, 0]: expected each dim once",
    ],
    [
      () => matrix.select(0, 2),
      ShapeError,
      "select: Index is out of range: expected an integer from -2 to 1 for dim 0, received 2",
    ],
    [
      () => scalar.select(0, 0),
      ShapeError,
      "select: Cannot select from a 0-d tensor: expected at least one dim",
    ],
    [
      () => vector.narrow(0, 2, 2),
      ShapeError,
      "narrow: Range is out of bounds: expected start and length within 3, received start 2, length 2",
    ],
    [
      () => vector.at(slice(0, 3, 0)),
      ShapeError,
      "slice: Step is out of range: expected an integer of at least 1, received 0",
    ],
    [
      () => matrix.diagonal({ dim1: 1, dim2: 1 }),
      ShapeError,
      "diagonal: Diagonal needs two dims: expected dim1 other than dim2, received 1",
    ],
    [
      () => matrix.unfold(1, 4, 1),
      ShapeError,
      "unfold: Window does not fit: expected a size from 0 to 3, received 4",
    ],
    [
      () => matrix.unfold(1, 2, 0),
      ShapeError,
      "unfold: Step is out of range: expected an integer of at least 1, received 0",
    ],
    [
      () => zeros([1, 1, 1]).t(),
      ShapeError,
      "t: Tensor is not a matrix: expected at most 2 dims, received 3",
    ],
    [
      () => matrix.flatten(1, 0),
      ShapeError,
      "flatten: Dims are out of order: expected startDim <= endDim, received 1 and 0",
    ],
    [
      () => matrix.movedim([0, 1], 0),
      ShapeError,
      "movedim: Dims do not pair up: expected as many distinct sources as destinations",
    ],
    [
      () => matrix.split([1, 3]),
      ShapeError,
      "split: Sizes do not add up: expected a sum of 2, received 4",
    ],
    [
      () => matrix.split(0),
      ShapeError,
      "split: Size is out of range: expected an integer of at least 1, received 0",
    ],
    [
      () => vector.asStrided([2, 2], [2, 1]),
      ShapeError,
      "asStrided: Geometry leaves the storage: expected the last element below 3, received 3",
    ],
    [() => matrix.size(2), RangeError, "size: Dim is out of range: expected under 2, received 2"],
  ],
  products: [
    [
      () => matrix.matmul(matrix),
      ShapeError,
      "matmul: Cannot multiply [2, 3] by [2, 3]: expected other to have 3 rows (dim -2), received 2",
    ],
    [
      () => matrix.matmul(zeros([3, 2], { dtype: "float64" })),
      DTypeError,
      "matmul: Operands have several dtypes: expected float32 throughout, received float64",
    ],
    [
      () => matrix.matmul(scalar),
      ShapeError,
      "matmul: Operand is 0-d: expected at least 1 dim on both sides",
    ],
    [
      () => matrix.mm(vector),
      ShapeError,
      "mm: Operand has the wrong rank: expected 2 dims, received 1",
    ],
    [
      () => matrix.cross(matrix, 0),
      ShapeError,
      "cross: Vectors do not fit: expected 3 elements along dim 0, received 2 and 2",
    ],
    [
      () => matrix.matrixPower(2),
      ShapeError,
      "matrixPower: Cannot raise [2, 3] to 2: expected square matrices and a power of at least 0",
    ],
    [
      () => tensordot(matrix, matrix, 1),
      ShapeError,
      "tensordot: Sizes differ: expected those of dims [1] of [2, 3] in dims [0] of [2, 3]",
    ],
    [() => multiDot([]), ShapeError, "multiDot: Nothing to multiply: expected at least one matrix"],
    [
      () => einsum("ij,jk", matrix),
      ShapeError,
      'einsum: Operands do not fit: expected 2 for "ij,jk", received 1',
    ],
    [
      () => einsum("ijk", matrix),
      ShapeError,
      'einsum: Letters do not fit: expected 2 dims in "ijk", received 3',
    ],
    [
      () => einsum("ij->iz", matrix),
      ShapeError,
      'einsum: Result does not fit: expected each letter of "iz" once and among the operands',
    ],
    [
      () => einsum("ii", matrix),
      ShapeError,
      'einsum: Sizes differ for "i": expected 2, received 3',
    ],
  ],
  creation: [
    [
      () => zeros([2, -1]),
      ShapeError,
      "zeros: Shape is not valid: expected non-negative integers, received [2, -1]",
    ],
    [
      () => ones([0.5]),
      ShapeError,
      "ones: Shape is not valid: expected non-negative integers, received [0.5]",
    ],
    [
      () => full([-1], 1),
      ShapeError,
      "full: Shape is not valid: expected non-negative integers, received [-1]",
    ],
    [
      () => empty([-1]),
      ShapeError,
      "empty: Shape is not valid: expected non-negative integers, received [-1]",
    ],
    [
      () => eye(-1),
      ShapeError,
      "zeros: Shape is not valid: expected non-negative integers, received [-1, -1]",
    ],
    [
      () => linspace(0, 1, -1),
      ShapeError,
      "linspace: Shape is not valid: expected non-negative integers, received [-1]",
    ],
    [
      () => rand([-1]),
      ShapeError,
      "rand: Shape is not valid: expected non-negative integers, received [-1]",
    ],
    [
      () => randint(3, [-1]),
      ShapeError,
      "randint: Shape is not valid: expected non-negative integers, received [-1]",
    ],
    [
      () => arange(0, 5, { step: -1 }),
      RangeError,
      "arange: Range does not end: expected a step other than 0 that leads from 0 to 5, received -1",
    ],
    [
      () => tensor([[1, 2], [3]]),
      ShapeError,
      "tensor: Nested arrays are ragged: expected 2 at depth 1, received 1",
    ],
    [
      () => tensor([[1], 2] as never),
      ShapeError,
      "tensor: Nested arrays are ragged: expected an array at depth 1, received 2",
    ],
    [
      () => tensor([300], { dtype: "uint8" }),
      DTypeError,
      "tensor: Value does not fit uint8: expected 0 to 255, received 300",
    ],
    [
      () => tensor([1, 2, 3], { shape: [2] }),
      ShapeError,
      "tensor: Values do not fill the shape: expected 2 for [2], received 3",
    ],
    [
      () => tensor(new Uint32Array(1) as never),
      DTypeError,
      "tensor: Array type has no dtype: received Uint32Array",
    ],
  ],
};

expectRefusals(refusals);

test("a message names the operands with shape, dtype and device, and a hint", () => {
  expect(() => matrix.matmul(vector.to("float64").reshape([3, 1]))).toThrow(
    [
      "matmul: Operands have several dtypes: expected float32 throughout, received float64",
      "  input  [2, 3]  float32 cpu",
      "  other  [3, 1]  float64 cpu",
      "Hint: convert one of them with .to(dtype)",
    ]
      .join("\n")
      .replaceAll("]  ", "] "),
  );
});

test("operands on two devices are refused, with what to write", () => {
  const elsewhere: Backend = { ...cpu(), name: "elsewhere" };
  expect(() => matrix.add(zeros([2, 3], { device: elsewhere }))).toThrow(DeviceError);
  expect(() => matrix.add(zeros([2, 3], { device: elsewhere }))).toThrow(
    "add: Operands are on different devices: expected one device, received cpu and elsewhere",
  );
  // A 0-d CPU tensor may meet any device.
  expect(zeros([2], { device: elsewhere }).add(tensor(2.5)).tolistSync()).toEqual([2.5, 2.5]);
});

test("a device that cannot be read at once says what to await", () => {
  const { readSync: _, ...rest } = cpu();
  const slow: Backend = {
    ...rest,
    name: "slow",
    capabilities: { ...rest.capabilities, syncRead: false },
  };
  const x = zeros([2], { device: slow });
  expect(() => x.dataSync()).toThrow(UnsupportedError);
  expect(() => x.dataSync()).toThrow("Hint: write await t.data()");
  expect(() => x.at(tensor([true, false], { device: slow }))).toThrow(
    "Hint: write await x.maskedSelect(mask), or use maskedFill() or mask.where(a, b)",
  );
  expect(() => x.to(cpu())).toThrow("Hint: write await tensor.moveTo(device)");
});

test("without a default device, the error says how to set one", () => {
  setDefaultDevice(undefined);
  try {
    expect(() => zeros([1])).toThrow(
      'No device: expected a default device or a device option\nHint: import { cpu } from "@tead/backend-cpu"; setDefaultDevice(cpu())',
    );
  } finally {
    setDefaultDevice(cpu());
  }
});
