// jax-js on its WebAssembly backend. Optimizers are no part of it: of the MLP's step only the gradient is measured.
import { defaultDevice, grad, init, jit, lax, nn, numpy as np, random } from "@jax-js/jax";
import { measure, threads } from "../measure.mjs";

if (threads > 1) throw new Error("jax-js needs the web's Worker for threads, which Node lacks");
await init("wasm");
defaultDevice("wasm");

/** Runs `fn` on random arrays of the shapes, kept, and waits for what it gives. */
const op =
  (fn, ...shapes) =>
  () => {
    const arrays = shapes.map((shape, seed) => random.normal(random.key(seed), shape));
    const work = async () => {
      const result = fn(...arrays.map((array) => array.ref));
      await result.blockUntilReady();
      result.dispose();
    };
    return { work };
  };

const sides = [
  [1, 1],
  [1, 1],
];
const million = [1 << 20];
const slow = "its convolutions take more than a second each";

await measure({
  "matmul 512": op(np.matmul, [512, 512], [512, 512]),
  "matmul 1023": op(np.matmul, [1023, 1023], [1023, 1023]),
  "matmul 1024": op(np.matmul, [1024, 1024], [1024, 1024]),
  "conv 3x3, 8x64x56x56 -> 64": op(
    (x, weight) => lax.convGeneralDilated(x, weight, [1, 1], sides),
    ...[
      [8, 64, 56, 56],
      [64, 64, 3, 3],
    ],
  ),
  "the same, forward + backward": slow,
  "relu of 1M": op(nn.relu, million),
  "exp of 1M": op(np.exp, million),
  "add of 1M": op(np.add, million, million),
  "sum of 1M": op((x) => np.sum(x), million),
  "softmax 1024x1024": op((x) => nn.softmax(x, 1), [1024, 1024]),
  "MLP 784-128-10 step, Adam": () => {
    const labels = nn.oneHot(
      np.array(Array.from({ length: 64 }, (_, i) => i % 10)).astype(np.int32),
      10,
    );
    const loss = (w1, b1, w2, b2, x) => {
      const hidden = nn.relu(np.add(np.matmul(x, w1), b1));
      const scores = nn.logSoftmax(np.add(np.matmul(hidden, w2), b2), 1);
      return np.multiply(np.sum(np.multiply(scores, labels.ref)), -1 / 64);
    };
    const gradients = jit(grad(loss, { argnums: [0, 1, 2, 3] }));
    const shapes = [[784, 128], [128], [128, 10], [10], [64, 784]];
    const arrays = shapes.map((shape, seed) => random.normal(random.key(seed), shape));
    const work = async () => {
      for (const result of gradients(...arrays.map((array) => array.ref))) {
        await result.blockUntilReady();
        result.dispose();
      }
    };
    return { work };
  },
  "tutorial CNN step, SGD": slow,
  "resnet18 step, batch 8, SGD": slow,
  "resnet18 inference, batch 1": slow,
});
