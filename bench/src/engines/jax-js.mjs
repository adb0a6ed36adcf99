// jax-js on its WebAssembly backend. Its convolutions are far slower than a training loop can
// wait for, so only single operations and the MLP's gradient are measured.
import { defaultDevice, init, nn, numpy as np, random } from "@jax-js/jax";
import { measure } from "../measure.mjs";

await init("wasm");
defaultDevice("wasm");

const normal = (seed, shape) => random.normal(random.key(seed), shape);
/** Works on references to kept arrays and waits for the result. */
const op = (work) => ({
  work: async () => {
    const result = work();
    await result.blockUntilReady();
    result.dispose();
  },
});

await measure({
  "matmul 512": () => {
    const [a, b] = [normal(0, [512, 512]), normal(1, [512, 512])];
    return op(() => np.matmul(a.ref, b.ref));
  },
  "matmul 1024": () => {
    const [a, b] = [normal(0, [1024, 1024]), normal(1, [1024, 1024])];
    return op(() => np.matmul(a.ref, b.ref));
  },
  "relu of 1M": () => {
    const x = normal(0, [1 << 20]);
    return op(() => nn.relu(x.ref));
  },
  "exp of 1M": () => {
    const x = normal(0, [1 << 20]);
    return op(() => np.exp(x.ref));
  },
  "add of 1M": () => {
    const [x, y] = [normal(0, [1 << 20]), normal(1, [1 << 20])];
    return op(() => np.add(x.ref, y.ref));
  },
});
