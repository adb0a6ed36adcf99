// Classes as vectors, drawn classes that pass gradients on, and all distances of a set.
import { type GeneratorOption, ShapeError, type Tensor } from "@tead/tensor";
import { positions } from "./host.ts";

/**
 * A 1 at the place of each class, 0 elsewhere, as int32.
 *
 * **Shapes**: integer `input [...] -> [..., numClasses]`.
 *
 * @param numClasses - How many classes; one more than the largest unless said, which reads the
 * input on the host.
 * @throws RangeError for a class that is negative or too large, where the device can be read.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.one_hot.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { functional as F } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * assert.deepEqual(F.oneHot(tensor([0, 2])).tolistSync(), [[1, 0, 0], [0, 0, 1]]);
 */
export function oneHot(input: Tensor, numClasses?: number): Tensor {
  const readable = input.device.capabilities.syncRead;
  const found = numClasses === undefined || readable ? Array.from(input.dataSync(), Number) : [];
  const least = found.reduce((a, b) => Math.min(a, b), 0);
  const most = found.reduce((a, b) => Math.max(a, b), -1);
  const count = numClasses ?? most + 1;
  if (!Number.isInteger(count) || count < 1 || least < 0 || most >= count)
    throw new RangeError(
      `oneHot: Classes do not fit: expected integers from 0 to ${count - 1}, ` +
        `received ${least < 0 ? least : most}`,
    );
  const classes = positions(
    input,
    Array.from({ length: count }, (_, i) => i),
  );
  return input.unsqueeze(-1).eq(classes).to("int32");
}

/** Options of {@link gumbelSoftmax}. */
export interface GumbelSoftmaxOptions extends GeneratorOption {
  /** The temperature: nearer to 0, nearer to one class. Default 1. */
  readonly tau?: number;
  /** Whether to give one class alone; the gradient is the soft one's. Default false. */
  readonly hard?: boolean;
  /** The dim of the classes. Default -1. */
  readonly dim?: number;
}

/**
 * Drawn classes that pass gradients on: softmax((logits - ln(e)) / tau) with e exponential.
 *
 * The draws are PyTorch's for the same seed.
 *
 * **Shapes**: `logits [..., C]`, the output alike.
 *
 * @param options - `tau`, `hard`, `dim`, `generator`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.gumbel_softmax.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { functional as F } from "@tead/nn";
 * import { randn, setDefaultDevice } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const y = F.gumbelSoftmax(randn([4, 3]), { hard: true });
 * assert.deepEqual(y.sum(1).tolistSync(), [1, 1, 1, 1]);
 */
export function gumbelSoftmax(logits: Tensor, options: GumbelSoftmaxOptions = {}): Tensor {
  const { tau = 1, hard = false, dim = -1, generator } = options;
  const noise = logits
    .detach()
    .zerosLike()
    .exponential_(1, generator ? { generator } : {});
  const soft = logits.sub(noise.log()).div(tau).softmax(dim);
  if (!hard) return soft;
  const chosen = soft
    .detach()
    .zerosLike()
    .scatter(dim < 0 ? dim + soft.ndim : dim, soft.argmax(dim, { keepDim: true }), 1);
  return chosen.sub(soft.detach()).add(soft);
}

/**
 * The p-norm of each row's difference to each later one: the upper triangle of all distances.
 *
 * **Shapes**: `input [n, d] -> [n (n - 1) / 2]`.
 *
 * @param p - The norm's order. Default 2.
 * @throws ShapeError unless the input is a matrix.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.pdist.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { functional as F } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const d = F.pdist(tensor([[0, 0], [3, 4], [0, 1]]).float(), 1);
 * assert.deepEqual(d.tolistSync(), [7, 1, 6]);
 */
export function pdist(input: Tensor, p = 2): Tensor {
  const { shape, dtype } = input;
  if (shape.length !== 2)
    throw new ShapeError(`Input is not a matrix: expected [n, d], received ${shape.length} dims`, {
      op: "pdist",
      operands: [{ name: "input", shape, dtype }],
    });
  const rows = Array.from({ length: shape[0] as number }, (_, i) => i);
  const pairs = rows.flatMap((i) => rows.slice(i + 1).map((j) => [i, j] as const));
  const at = (side: 0 | 1): Tensor =>
    input.indexSelect(
      0,
      positions(
        input,
        pairs.map((pair) => pair[side]),
      ),
    );
  return at(0).sub(at(1)).norm(p, 1);
}
