// TensorFlow.js on its WebAssembly backend with SIMD, one thread. It has no gradient of a
// convolution's weight, so it cannot train the tutorial CNN.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { setThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { measure } from "../measure.mjs";

const main = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm");
setWasmPaths(join(dirname(main), "/"));
setThreadsCount(1);
await tf.setBackend("wasm");
await tf.ready();

const op = (work) => ({ work: () => tf.dispose(work()) });

await measure({
  "matmul 512": () => {
    const [a, b] = [tf.randomNormal([512, 512]), tf.randomNormal([512, 512])];
    return op(() => tf.matMul(a, b));
  },
  "matmul 1024": () => {
    const [a, b] = [tf.randomNormal([1024, 1024]), tf.randomNormal([1024, 1024])];
    return op(() => tf.matMul(a, b));
  },
  "op on 4 elements, grad recorded": () => {
    const [x, y] = [tf.ones([4]), tf.ones([4])];
    const work = () => {
      for (let i = 0; i < 1000; i++) tf.dispose(tf.add(x, y));
    };
    return { work, inner: 1000 };
  },
  "relu of 1M": () => {
    const x = tf.randomNormal([1 << 20]);
    return op(() => tf.relu(x));
  },
  "exp of 1M": () => {
    const x = tf.randomNormal([1 << 20]);
    return op(() => tf.exp(x));
  },
  "add of 1M": () => {
    const [x, y] = [tf.randomNormal([1 << 20]), tf.randomNormal([1 << 20])];
    return op(() => tf.add(x, y));
  },
  "MLP 784-128-10 step, Adam": () => {
    const x = tf.randomUniform([64, 784]);
    const labels = tf.oneHot(tf.randomUniform([64], 0, 10, "int32"), 10);
    const weights = [
      tf.variable(tf.randomNormal([784, 128], 0, 0.03)),
      tf.variable(tf.zeros([128])),
      tf.variable(tf.randomNormal([128, 10], 0, 0.08)),
      tf.variable(tf.zeros([10])),
    ];
    const optimizer = tf.train.adam(0.001);
    const loss = () => {
      const hidden = tf.relu(tf.add(tf.matMul(x, weights[0]), weights[1]));
      return tf.losses.softmaxCrossEntropy(
        labels,
        tf.add(tf.matMul(hidden, weights[2]), weights[3]),
      );
    };
    return { work: () => void tf.dispose(optimizer.minimize(loss, true)) };
  },
});
