// Draws bench/curve.svg: LeNet-5's loss with ReLU and max pooling in float32, PyTorch's and ours, step by step. It is
// a picture, not a test: float32 rounding grows along this curve, and PyTorch differs from itself when its kernels change.
// The curves that must agree are tests (packages/models/test/curve.test.ts).
import "@tead/autograd";
import { readFileSync, writeFileSync } from "node:fs";
import { cpu, setWinogradEnabled } from "@tead/backend-cpu";
import { DataLoader, SyntheticDigits, TensorDataset } from "@tead/data";
import { LeNet5 } from "@tead/models";
import { CrossEntropyLoss } from "@tead/nn";
import { SGD } from "@tead/optim";
import { manualSeed, setDefaultDevice, tensor } from "@tead/tensor";

setDefaultDevice(cpu());
// As PyTorch computes these convolutions; Winograd's coarser rounding parts the curves after 80 steps.
setWinogradEnabled(false);
const path = new URL("../../packages/models/test/fixtures/curve.json", import.meta.url);
const { seed, count, batchSize, steps, lr, momentum, mean, std, runs } = JSON.parse(
  readFileSync(path, "utf8"),
);

async function losses() {
  const digits = new SyntheticDigits({ size: count });
  const images = tensor(digits.data, { dtype: "float32", shape: [count, 1, 28, 28] });
  const targets = tensor(digits.targets, { dtype: "int64" });
  const dataset = new TensorDataset(images.div(255).sub(mean).div(std), targets);
  manualSeed(seed);
  const model = new LeNet5();
  const loader = new DataLoader(dataset, { batchSize, shuffle: true });
  const optimizer = new SGD(model.parameters(), { lr, momentum });
  const criterion = new CrossEntropyLoss();
  const result = [];
  while (result.length < steps)
    for await (const [x, y] of loader) {
      optimizer.zeroGrad();
      const loss = criterion.forward(model.forward(x), y);
      loss.backward();
      optimizer.step();
      result.push(loss.itemSync());
    }
  return result;
}

const curves = [
  { name: "PyTorch", color: "#ee4c2c", width: 4, values: runs.float32.losses },
  { name: "Tead", color: "#2667a8", width: 1.5, values: await losses() },
];
const [width, height, margin] = [760, 340, 48];
const top = Math.ceil(Math.max(...curves.flatMap(({ values }) => values)) * 2) / 2;
const x = (step) => margin + (step / (steps - 1)) * (width - margin - 16);
const y = (loss) => height - margin + (loss / top) * (2 * margin - 24 - height);
const ticks = Array.from({ length: top * 2 + 1 }, (_, i) => i / 2);
const text = (left, at, content, anchor = "middle") =>
  `<text x="${left}" y="${at}" text-anchor="${anchor}">${content}</text>`;
const svg = [
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" fill="#333">`,
  `<rect width="${width}" height="${height}" fill="#fff"/>`,
  ...ticks.map((t) => `<path d="M${margin} ${y(t)}H${width - 16}" stroke="#ddd"/>`),
  ...ticks.map((t) => text(margin - 8, y(t) + 4, t, "end")),
  ...[0, 50, 100, 150, steps].map((s) => text(x(Math.min(s, steps - 1)), height - 28, s)),
  text(width / 2, height - 8, "step"),
  text(14, 16, "cross-entropy, LeNet-5 with ReLU and max pooling, float32", "start"),
  ...curves.map(({ name, color, width: stroke, values }, i) => {
    const points = values.map((loss, step) => `${x(step).toFixed(1)},${y(loss).toFixed(1)}`);
    const line = `<polyline fill="none" stroke="${color}" stroke-width="${stroke}" points="${points.join(" ")}"/>`;
    const at = 40 + i * 18;
    return `${line}<path d="M620 ${at}h28" stroke="${color}" stroke-width="${stroke}"/>${text(656, at + 4, name, "start")}`;
  }),
  "</svg>",
];
writeFileSync(new URL("../curve.svg", import.meta.url), `${svg.join("\n")}\n`);
const apart = curves[1].values.map((loss, i) => Math.abs(loss / curves[0].values[i] - 1));
const parted = apart.findIndex((distance) => distance > 0.01);
process.stdout.write(
  `Within 1% of each other for ${parted < 0 ? steps : parted} of ${steps} steps\n`,
);
