// What is measured: the rows in the order of the tables, each with what it should reach.

/**
 * @typedef {object} Row
 * @property {string} name
 * @property {[number, number]} [pytorch] PyTorch's time over ours: what to reach first, then
 * @property {[number, number]} [peers] the same for the fastest library of JavaScript
 * @property {[number]} [perSecond] how often a second
 * @property {number} [flops] then speeds stand in the table instead of times
 * @property {number[]} [threads] where more of them make no difference
 */

/** Why an engine has no time for a row that its program does not have. */
export const notWritten = "not written for it here";

const product = (n) => 2 * n ** 3;

/** @type {readonly Row[]} */
export const rows = [
  { name: "matmul 512", flops: product(512), peers: [1.5, 1.8] },
  { name: "matmul 1023", flops: product(1023), peers: [1.5, 1.8] },
  { name: "matmul 1024", flops: product(1024), pytorch: [0.45, 0.51], peers: [1.5, 1.8] },
  { name: "conv 3x3, 8x64x56x56 -> 64" },
  { name: "the same, forward + backward" },
  { name: "relu of 1M", pytorch: [0.3] },
  { name: "exp of 1M", pytorch: [0.3] },
  { name: "add of 1M", pytorch: [0.3] },
  { name: "sum of 1M", pytorch: [0.3] },
  { name: "softmax 1024x1024" },
  { name: "layer norm 1024x512, forward + backward" },
  { name: "cross entropy 256x1000, forward + backward" },
  { name: "embedding 10,000x128, 4,096 indices, forward + backward" },
  { name: "op on 4 elements, grad recorded", pytorch: [1.5, 3], threads: [1] },
  { name: "tiny network 2-16-1 step, SGD", perSecond: [50_000], threads: [1] },
  { name: "MLP 784-128-10 step, Adam", pytorch: [0.9, 1.3], peers: [2, 4] },
  { name: "tutorial CNN step, SGD", pytorch: [0.6, 0.85], peers: [2, 4] },
  { name: "LSTM 2x128, T=50, batch 16, forward + backward", pytorch: [0.7, 1.1] },
  { name: "transformer 2x128 step, Adam" },
  { name: "resnet18 step, batch 8, SGD", pytorch: [0.55, 0.8], peers: [2, 4] },
  { name: "resnet18 inference, batch 1" },
];
