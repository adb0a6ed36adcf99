// TensorFlow.js on its WebAssembly backend with SIMD. Images have their channels last, as it wants them.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { measure, threads } from "../measure.mjs";
import { resnet18 } from "./tfjs-resnet.mjs";

if (threads > 1) throw new Error("TensorFlow.js starts no threads in Node");
const main = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm");
setWasmPaths(join(dirname(main), "/"));
await tf.setBackend("wasm");
await tf.ready();

/** Runs `fn` on random tensors of the shapes. */
const op =
  (fn, ...shapes) =>
  () => {
    const tensors = shapes.map((shape) => tf.randomNormal(shape));
    return { work: () => tf.dispose(fn(...tensors)) };
  };
const million = [1 << 20];
const noConvolutions = "it has no gradient of a convolution's weight on WebAssembly";

/** A step of a network of two layers; `lossOf` takes what it gives. */
function step([from, hidden, to], activation, optimizer, x, lossOf) {
  const weights = [
    tf.variable(tf.randomNormal([from, hidden], 0, 0.03)),
    tf.variable(tf.zeros([hidden])),
    tf.variable(tf.randomNormal([hidden, to], 0, 0.08)),
    tf.variable(tf.zeros([to])),
  ];
  const loss = () => {
    const inner = activation(tf.add(tf.matMul(x, weights[0]), weights[1]));
    return lossOf(tf.add(tf.matMul(inner, weights[2]), weights[3]));
  };
  return { work: () => void tf.dispose(optimizer.minimize(loss, true)) };
}

await measure({
  "matmul 512": op(tf.matMul, [512, 512], [512, 512]),
  "matmul 1023": op(tf.matMul, [1023, 1023], [1023, 1023]),
  "matmul 1024": op(tf.matMul, [1024, 1024], [1024, 1024]),
  "conv 3x3, 8x64x56x56 -> 64": op(
    (x, weight) => tf.conv2d(x, weight, 1, "same"),
    ...[
      [8, 56, 56, 64],
      [3, 3, 64, 64],
    ],
  ),
  "the same, forward + backward": noConvolutions,
  "relu of 1M": op(tf.relu, million),
  "exp of 1M": op(tf.exp, million),
  "add of 1M": op(tf.add, million, million),
  "sum of 1M": op((x) => tf.sum(x), million),
  "softmax 1024x1024": op((x) => tf.softmax(x), [1024, 1024]),
  "op on 4 elements, grad recorded": () => {
    const [x, y] = [tf.ones([4]), tf.ones([4])];
    const work = () => {
      for (let i = 0; i < 1000; i++) tf.dispose(tf.add(x, y));
    };
    return { work, inner: 1000 };
  },
  "tiny network 2-16-1 step, SGD": () => {
    const [x, y] = [tf.randomUniform([4, 2]), tf.randomUniform([4, 1])];
    return step([2, 16, 1], tf.tanh, tf.train.sgd(0.1), x, (out) =>
      tf.losses.meanSquaredError(y, out),
    );
  },
  "MLP 784-128-10 step, Adam": () => {
    const labels = tf.oneHot(tf.randomUniform([64], 0, 10, "int32"), 10);
    const x = tf.randomUniform([64, 784]);
    const lossOf = (out) => tf.losses.softmaxCrossEntropy(labels, out);
    return step([784, 128, 10], tf.relu, tf.train.adam(0.001), x, lossOf);
  },
  "tutorial CNN step, SGD": noConvolutions,
  "resnet18 step, batch 8, SGD": noConvolutions,
  "resnet18 inference, batch 1": () => ({ work: resnet18() }),
});
