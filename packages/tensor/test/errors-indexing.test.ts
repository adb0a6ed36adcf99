import { cpu } from "@tead/backend-cpu";
import {
  blockDiag,
  cat,
  DTypeError,
  meshgrid,
  ShapeError,
  setDefaultDevice,
  stack,
  tensor,
  tensorSplit,
  zeros,
} from "@tead/tensor";
import { expectRefusals } from "./support/refusals.ts";

setDefaultDevice(cpu());

const matrix = zeros([2, 3]);
const vector = zeros([3]);
const scalar = zeros([]);
const index = tensor([0, 1]);
const mask = tensor([true, false, true]);

expectRefusals({
  indexing: [
    [() => matrix.at(0, 0, 0), ShapeError, "at: Too many indices: expected at most 2, received 3"],
    [
      () => matrix.at("...", "..."),
      ShapeError,
      'at: Ellipsis stands twice: expected "..." at most once',
    ],
    [
      () => matrix.at([0.5]),
      DTypeError,
      "at: Index is not an integer: expected integers, received [0.5]",
    ],
    [
      () => matrix.at(mask),
      ShapeError,
      "at: Mask does not fit: expected shape [2] at dim 0, received [3]",
    ],
    [
      () => matrix.at([5]),
      ShapeError,
      "indexSelect: Index is out of range: expected an index within the dim's size; the offending value stands at flat position 0",
    ],
    [
      () => matrix.setAt_([0], zeros([2])),
      ShapeError,
      "expand: Cannot expand [2] to [3]: expected equal sizes where a dim is not 1, and new dims in front",
    ],
    [
      () => matrix.indexSelect(0, vector),
      DTypeError,
      "indexSelect: Index is not an integer tensor: expected an integer dtype, received float32",
    ],
    [
      () => matrix.indexSelect(0, tensor([[0]])),
      ShapeError,
      "indexSelect: Index is not a vector: expected 1 dim, received 2",
    ],
    [
      () => matrix.gather(0, index),
      ShapeError,
      "gather: Index does not fit: expected a shape within [2, 3] but for dim 0, received [2]",
    ],
    [
      () => matrix.scatter(0, tensor([[0, 1]]), zeros([1, 1])),
      ShapeError,
      "scatter: Source is too small: expected at least [1, 2], received [1, 1]",
    ],
    [
      () => matrix.scatter(0, tensor([[0]]), tensor([[1]])),
      DTypeError,
      "scatter: Operands have several dtypes: expected float32 throughout, received int32",
    ],
    [
      () => matrix.indexAdd(0, index, vector),
      ShapeError,
      "indexAdd: Source does not fit: expected [2, 3], received [3]",
    ],
    [
      () => matrix.indexCopy(0, index, vector),
      ShapeError,
      "indexCopy: Source does not fit: expected [2, 3], received [3]",
    ],
    [
      () => matrix.takeAlongDim(index, 0),
      ShapeError,
      "takeAlongDim: Ranks differ: expected an index of 2 dims, received 1",
    ],
    [
      () => vector.maskedFill(mask, vector),
      ShapeError,
      "maskedFill: Value is not a scalar: expected a number or a 0-d tensor, received shape [3]",
    ],
    [
      () => index.maskedFill(tensor([true, false]), 0.5),
      DTypeError,
      "maskedFill: Value does not fit: expected one that int32 holds, received float32",
    ],
    [
      () => vector.maskedFill(vector, 0),
      DTypeError,
      "maskedFill: Mask is not bool: expected bool, received float32",
    ],
    [
      () => vector.maskedSelectSync(vector),
      DTypeError,
      "maskedSelect: Mask is not bool: expected bool, received float32",
    ],
  ],
  "joining and arranging": [
    [() => cat([]), ShapeError, "cat: Nothing to join: expected at least one tensor"],
    [
      () => cat([matrix, zeros([2, 2])]),
      ShapeError,
      "cat: Cannot join [2, 3] and [2, 2] along dim 0: expected equal sizes in every other dim",
    ],
    [
      () => stack([matrix, vector]),
      ShapeError,
      "stack: Tensors differ in shape: expected [2, 3], received [3]",
    ],
    [
      () => meshgrid([matrix]),
      ShapeError,
      "meshgrid: Tensor is no vector: expected at most 1 dim, received [2, 3]",
    ],
    [
      () => tensorSplit(matrix, 0),
      ShapeError,
      "tensorSplit: Sections are out of range: expected an integer of at least 1, received 0",
    ],
    [
      () => matrix.repeat([2]),
      ShapeError,
      "repeat: Too few repeats: expected one for each of 2 dims, received 1",
    ],
    [
      () => matrix.roll([1], [0, 1]),
      ShapeError,
      "roll: Shifts and dims do not pair up: expected 2 shifts, received 1",
    ],
    [
      () => vector.tril(),
      ShapeError,
      "tril: Tensor is no matrix: expected at least 2 dims, received 1",
    ],
    [() => scalar.diag(), ShapeError, "diag: Rank does not fit: expected 1 or 2 dims, received 0"],
    [
      () => vector.pad([1]),
      ShapeError,
      "pad: Padding does not fit: expected two numbers for each of at most 1 dims, received [1]",
    ],
    [
      () => vector.pad([-2, -2]),
      ShapeError,
      "pad: Padding takes away more than there is: expected sizes of at least 0, received [-1]",
    ],
    [
      () => vector.pad([3, 0], { mode: "reflect" }),
      ShapeError,
      "pad: Padding is too wide for mode reflect: expected at most 2 for a dim of size 3, received 3 and 0",
    ],
    [
      () => blockDiag(zeros([1, 1, 1])),
      ShapeError,
      "blockDiag: Tensor is no matrix: expected at most 2 dims, received [1, 1, 1]",
    ],
  ],
});
