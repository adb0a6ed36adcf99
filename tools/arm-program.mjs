// What a processor computes: runs the CPU's kernels on the same numbers everywhere and prints, as JSON, by name of the
// case, a hash of the bits and the sum of the magnitudes. `pnpm arm` compares them between processors.
import { createHash } from "node:crypto";
import { grad } from "@tead/autograd";
import * as backend from "@tead/backend-cpu";
import { LeNet5 } from "@tead/models";
import * as nn from "@tead/nn";
import { Adam } from "@tead/optim";
import * as tead from "@tead/tensor";

const { manualSeed, rand, randint, randn, setDefaultDevice } = tead;
setDefaultDevice(backend.cpu());

/** The output of `layer` for `shape`, and the gradients of its input and parameters. */
function both(layer, ...shape) {
  const x = randn(shape, { requiresGrad: true });
  const output = [layer.forward(x)].flat()[0];
  const inputs = [x, ...layer.parameters()];
  return [output, ...grad(output, inputs, { gradOutputs: tead.randnLike(output.detach()) })];
}

const product = (...sizes) => {
  const [m, k, n] = sizes;
  return randn([m, k]).matmul(randn([k, n]));
};
const conv = (...options) => new nn.Conv2d(...options);

function training() {
  const model = new LeNet5();
  const optimizer = new Adam(model.parameters());
  const [x, y, criterion] = [
    rand([16, 1, 28, 28]),
    randint(0, 10, [16]),
    new nn.CrossEntropyLoss(),
  ];
  for (let step = 0; step < 5; step++) {
    optimizer.zeroGrad();
    criterion.forward(model.forward(x), y).backward();
    optimizer.step();
  }
  return [...model.parameters()];
}

/** Each gives a tensor or several. */
const cases = {
  "matmul 200x300x150": () => product(200, 300, 150),
  "matmul 63x65x67": () => product(63, 65, 67),
  "matmul of one row": () => product(1, 128, 300),
  "matmul on two threads": () => product(512, 512, 512),
  "conv 3x3": () => both(conv(8, 16, 3, { padding: 1 }), 2, 8, 28, 28),
  "conv 5x5": () => both(conv(8, 16, 5, { padding: 2 }), 2, 8, 15, 17),
  "conv 1x1": () => both(conv(32, 16, 1), 2, 32, 14, 14),
  "conv 3x3, stride 2": () => both(conv(8, 16, 3, { stride: 2 }), 2, 8, 29, 29),
  "conv 3x3, depthwise": () => both(conv(16, 16, 3, { padding: 1, groups: 16 }), 2, 16, 14, 14),
  "transposed conv": () => both(new nn.ConvTranspose2d(8, 4, 4, { stride: 2 }), 2, 8, 9, 9),
  "max pool": () => both(new nn.MaxPool2d(2), 2, 4, 14, 14),
  "batch norm": () => both(new nn.BatchNorm2d(8), 4, 8, 9, 9),
  "layer norm": () => both(new nn.LayerNorm(50), 20, 50),
  gelu: () => both(new nn.GELU(), 1000),
  "exp, log, tanh, sigmoid": () => {
    const x = randn([1000]);
    return [x.exp(), x.abs().log(), x.tanh(), x.sigmoid()];
  },
  softmax: () => both(new nn.Softmax(1), 20, 100),
  LSTM: () => both(new nn.LSTM(16, 32, { numLayers: 2 }), 10, 4, 16),
  transformer: () =>
    both(new nn.TransformerEncoderLayer(32, 4, { dimFeedforward: 64, dropout: 0 }), 10, 4, 32),
  "five steps of LeNet": training,
};

const results = {};
for (const [name, run] of Object.entries(cases)) {
  manualSeed(0);
  backend.setNumThreads(name.includes("two threads") ? 2 : 1);
  const arrays = [run()].flat().map((t) => t.detach().dataSync());
  const hash = createHash("sha256");
  for (const { buffer, byteOffset, byteLength } of arrays)
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  const sum = arrays.flatMap((array) => [...array]).reduce((total, x) => total + Math.abs(x), 0);
  results[name] = { bits: hash.digest("hex"), sum };
}
console.log(JSON.stringify({ processor: process.arch, node: process.version, results }));
