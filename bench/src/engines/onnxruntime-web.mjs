// ONNX Runtime Web on its WebAssembly backend: inference only, of models that are made here. Its calls copy what goes in
// and what comes out.
import ort from "onnxruntime-web";
import { measure, threads } from "../measure.mjs";
import { onnxModel } from "./onnx-model.mjs";
import { resnet18Graph } from "./onnx-resnet.mjs";

ort.env.wasm.numThreads = threads;
const random = (shape) =>
  Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => Math.random() - 0.5);

async function run(graph) {
  const options = { executionProviders: ["wasm"], graphOptimizationLevel: "all" };
  const session = await ort.InferenceSession.create(onnxModel(graph), options);
  const feeds = {};
  for (const [name, shape] of Object.entries(graph.inputs))
    feeds[name] = new ort.Tensor("float32", random(shape), shape);
  return { work: async () => void (await session.run(feeds)), close: () => session.release() };
}

/** A graph of one node, whose inputs are a, b, ... of the shapes. */
const op = (type, shapes, output, attributes) => () => {
  const inputs = Object.fromEntries(shapes.map((shape, i) => ["abc"[i], shape]));
  const nodes = [{ type, inputs: Object.keys(inputs), output: "y", attributes }];
  return run({ nodes, inputs, outputs: { y: output } });
};
const square = (n) => [n, n];
const matmul = (n) => op("MatMul", [square(n), square(n)], square(n));
const million = [1 << 20];
const inference = "it runs models and trains none";

const trained = ["the same, forward + backward", "op on 4 elements, grad recorded"];
const cannot = Object.fromEntries(trained.map((row) => [row, inference]));

await measure({
  ...cannot,
  "matmul 512": matmul(512),
  "matmul 1023": matmul(1023),
  "matmul 1024": matmul(1024),
  "conv 3x3, 8x64x56x56 -> 64": () => {
    const shape = [64, 64, 3, 3];
    return run({
      nodes: [
        { type: "Conv", inputs: ["x", "w"], output: "y", attributes: { pads: [1, 1, 1, 1] } },
      ],
      inputs: { x: [8, 64, 56, 56] },
      outputs: { y: [8, 64, 56, 56] },
      weights: { w: { shape, data: random(shape) } },
    });
  },
  "relu of 1M": op("Relu", [million], million),
  "exp of 1M": op("Exp", [million], million),
  "add of 1M": op("Add", [million, million], million),
  "sum of 1M": op("ReduceSum", [million], [], { keepdims: 0 }),
  "softmax 1024x1024": op("Softmax", [square(1024)], square(1024), { axis: 1 }),
  "resnet18 inference, batch 1": () => run(resnet18Graph(random)),
});
