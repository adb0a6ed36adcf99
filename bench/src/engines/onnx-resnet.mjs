// resnet18 as a graph of ONNX with random weights; the runtime folds the batch norms into the convolutions itself.

/** The graph for one image of 224x224; `random(shape)` gives values about 0. */
export function resnet18Graph(random) {
  const [nodes, weights] = [[], {}];
  const add = (type, inputs, attributes) => {
    const output = `t${nodes.length}`;
    nodes.push({ type, inputs, output, attributes });
    return output;
  };
  const weight = (shape, scaled) => {
    const name = `w${Object.keys(weights).length}`;
    weights[name] = { shape, data: random(shape).map(scaled) };
    return name;
  };
  const convNorm = (x, from, to, kernel, stride) => {
    const pads = Array(4).fill((kernel - 1) / 2);
    const scale = 2 / Math.sqrt(from * kernel * kernel);
    const w = weight([to, from, kernel, kernel], (value) => value * scale);
    const y = add("Conv", [x, w], { pads, strides: [stride, stride] });
    const ones = [0, 1].map(() => weight([to], (value) => 1 + value / 4));
    const zeros = [0, 1].map(() => weight([to], (value) => value / 4));
    return add("BatchNormalization", [y, ones[0], zeros[0], zeros[1], ones[1]]);
  };
  const relu = (x) => add("Relu", [x]);
  const block = (x, from, to, stride) => {
    const inner = convNorm(relu(convNorm(x, from, to, 3, stride)), to, to, 3, 1);
    const side = from === to ? x : convNorm(x, from, to, 1, stride);
    return relu(add("Add", [inner, side]));
  };

  let x = relu(convNorm("x", 3, 64, 7, 2));
  x = add("MaxPool", [x], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] });
  let channels = 64;
  for (const to of [64, 128, 256, 512]) {
    x = block(x, channels, to, to === 64 ? 1 : 2);
    x = block(x, to, to, 1);
    channels = to;
  }
  x = add("Flatten", [add("GlobalAveragePool", [x])]);
  const classes = [
    weight([512, 1000], (value) => value / 11),
    weight([1000], (value) => value / 11),
  ];
  nodes.push({ type: "Gemm", inputs: [x, ...classes], output: "y" });
  return { nodes, weights, inputs: { x: [1, 3, 224, 224] }, outputs: { y: [1, 1000] } };
}
