// resnet18 on TensorFlow.js, from the graph that ONNX Runtime gets: batch norms folded into the convolutions before them,
// as its converter does, channels last.
import * as tf from "@tensorflow/tfjs";
import { resnet18Graph } from "./onnx-resnet.mjs";

const random = (shape) => tf.randomUniform(shape, -0.5, 0.5).dataSync();

/** A function that runs the network on one image. */
export function resnet18() {
  const { nodes, weights } = resnet18Graph(random);
  const tensor = (name) => tf.tensor(weights[name].data, weights[name].shape);
  const steps = nodes.map((node, i) => stepOf(node, nodes[i + 1], tensor));
  const image = tf.randomUniform([1, 224, 224, 3]);
  return () => {
    const output = tf.tidy(() => {
      const values = { x: image };
      for (const { inputs, output, run } of steps)
        values[output] = run(...inputs.map((name) => values[name]));
      return values.y;
    });
    output.dispose();
  };
}

function stepOf({ type, inputs, output, attributes }, next, tensor) {
  const step = (run, names = inputs) => ({ inputs: names, output, run });
  switch (type) {
    case "Conv": {
      const filter = tf.transpose(tensor(inputs[1]), [2, 3, 1, 0]);
      const bias = tensor(next.inputs[2]); // the batch norm's
      const [strides, pad] = [attributes.strides, attributes.pads[0]];
      return step((x) => tf.fused.conv2d({ x, filter, strides, pad, bias }), [inputs[0]]);
    }
    case "BatchNormalization":
      return step((x) => x, [inputs[0]]);
    case "Relu":
      return step(tf.relu);
    case "Add":
      return step(tf.add);
    case "MaxPool":
      return step((x) => tf.maxPool(x, 3, 2, 1));
    case "GlobalAveragePool":
      return step((x) => tf.mean(x, [1, 2]));
    case "Flatten":
      return step((x) => x);
    case "Gemm": {
      const [weight, bias] = inputs.slice(1).map(tensor);
      return step((x) => tf.add(tf.matMul(x, weight), bias), [inputs[0]]);
    }
    default:
      throw new Error(`tfjs-resnet: ${type} is not written`);
  }
}
