// Values that are made here and read in Python: every dtype, every structure, layers of @tead/nn.
import * as nn from "@tead/nn";
import { arange, type DType, dtypes, empty, ones, type Tensor, tensor, zeros } from "@tead/tensor";
import { Float, orderedDict, Size, TorchDevice, TorchDType, Tuple } from "../../src/index.ts";

const special = (dtype: DType): Tensor => {
  if (dtype === "bool") return tensor([[true, false, true]]);
  if (dtype === "int64") return tensor([[-(2n ** 63n), 2n ** 63n - 1n, 0n]], { dtype });
  if (/int/.test(dtype)) return tensor([[0, 1, 100]], { dtype });
  return tensor([0, -0, Number.POSITIVE_INFINITY, Number.NaN, 1e-7, -1 / 3], { dtype });
};

function views(): object {
  const base = arange(24, { dtype: "float32" }).reshape([2, 3, 4]);
  const [slice, row] = [base.narrow(2, 1, 2), base.select(0, 1).select(0, 2)];
  const wide = row.unsqueeze(0).expand([5, 4]);
  return { base, transposed: base.transpose(0, 2), slice, row, wide, none: base.narrow(0, 0, 0) };
}

function containers(): object {
  const shared = [1, "x"];
  return {
    nested: { a: [{ b: new Tuple([1, new Tuple([2, [3]]), new Tuple()]) }], none: null, empty: {} },
    ordered: orderedDict({ z: 1, a: orderedDict({}) }),
    shared: new Tuple([shared, shared]),
    keys: new Map<unknown, unknown>([
      [0, "zero"],
      [new Tuple([1, "t"]), 4],
      [null, true],
      [2n ** 60n, false],
    ]),
    size: new Size([2, 3]),
    plain: [new TorchDType("bfloat16"), new TorchDevice("cuda", 1), new TorchDevice("cpu")],
    bytes: [Uint8Array.of(0, 255, 128), new Uint8Array()],
    set: new Set([1, 3]),
    proto: JSON.parse('{"__proto__": 1, "constructor": [2]}'),
  };
}

const numbers = (): object => ({
  ints: [
    0,
    -1,
    255,
    256,
    65536,
    2 ** 31,
    -(2 ** 31),
    2 ** 53 - 1,
    2n ** 53n,
    -(2n ** 63n),
    2n ** 70n,
  ],
  floats: [0.1, new Float(1).value, -0, Number.NaN, Number.POSITIVE_INFINITY, 1e300, 5e-324],
  texts: ["", "größer 模型 😀", "a\nb\0", "x".repeat(300), "a\ud800b"],
});

const layers = (): nn.Module =>
  new nn.ModuleList([new nn.Conv2d(1, 2, 3), new nn.BatchNorm2d(2), new nn.LSTM(4, 3)]);

/** What is saved, by title. */
export function ownValues(): [title: string, value: unknown][] {
  const weight = new nn.Parameter(tensor([[1.5, -2]]));
  return [
    ["every dtype", Object.fromEntries(dtypes.map((dtype) => [dtype, special(dtype)]))],
    ["views", views()],
    ["shapes", [tensor(2.5), tensor(true), zeros([0, 3]), zeros([3, 0, 2]), ones([1, 1, 1, 1, 1])]],
    ["containers", containers()],
    ["numbers and texts", numbers()],
    ["parameters", { weight, tied: weight, leaf: ones([2]).requiresGrad_() }],
    ["a state dict", layers().stateDict()],
    ["a tensor alone", arange(5)],
    ["a tensor without elements", empty([2, 0])],
    ["many tensors", Array.from({ length: 300 }, (_, i) => tensor(i))],
  ];
}
