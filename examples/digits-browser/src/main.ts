// The page: buttons and settings on one side, the worker's reports on the other.
import { DrawingPad } from "./drawing-pad.ts";
import { byId, make, percent } from "./elements.ts";
import { LossChart } from "./loss-chart.ts";
import { PredictionTiles } from "./prediction-tiles.ts";
import { ProbabilityBars } from "./probability-bars.ts";
import type { DeviceName, Report, Settings } from "./protocol.ts";
import { Session } from "./session.ts";

type Phase = "opening" | "ready" | "training" | "pausing" | "paused" | "finished" | "failed";

/** What the first button says in each phase, and whether it can be pressed. */
const trainButton: Readonly<Record<Phase, readonly [text: string, enabled: boolean]>> = {
  opening: ["Train", false],
  ready: ["Train", true],
  training: ["Stop", true],
  pausing: ["Stopping …", false],
  paused: ["Go on", true],
  finished: ["Train on", true],
  failed: ["Train", false],
};

const deviceNames: Readonly<Record<DeviceName, string>> = {
  webgpu: "GPU · WebGPU",
  cpu: "CPU · WebAssembly",
};

const form = byId<HTMLFormElement>("settings");
const train = byId<HTMLButtonElement>("train");
const reset = byId<HTMLButtonElement>("reset");
const deviceChoice = byId<HTMLSelectElement>("device-choice");
const chart = new LossChart(byId<HTMLCanvasElement>("loss"));
const bars = new ProbabilityBars(byId("bars"));
const pad = new DrawingPad(byId<HTMLCanvasElement>("pad"), drawingChanged);
const tiles = new PredictionTiles(byId("predictions"), (pixels) => pad.show(pixels));

const parameters = new URLSearchParams(location.search);
if (parameters.get("device") === "cpu") deviceChoice.value = "cpu";

let phase: Phase = "opening";
let session = open();
/** What is on the pad; it is classified again as the network learns. */
let drawn: Float32Array | undefined;
let accuracies: number[] = [];

function open(): Session {
  return new Session(deviceChoice.value as DeviceName, hear);
}

function number(id: string): number {
  return byId<HTMLInputElement>(id).valueAsNumber;
}

function settings(): Settings {
  return {
    images: number("images"),
    batchSize: number("batch-size"),
    epochs: number("epochs"),
    learningRate: number("learning-rate"),
  };
}

function enter(next: Phase): void {
  phase = next;
  const [text, enabled] = trainButton[phase];
  train.textContent = text;
  train.disabled = !enabled;
  reset.disabled = phase === "opening" || phase === "ready";
  const settled = phase === "ready" || phase === "finished";
  for (const input of form.querySelectorAll("input")) input.disabled = !settled;
  document.body.dataset.phase = phase;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (phase === "training") {
    session.pause();
    enter("pausing");
  } else {
    session.train(settings());
    enter("training");
  }
});

/** A new worker with a new network, on the device that is chosen. */
function startOver(): void {
  session.close();
  chart.clear();
  accuracies = [];
  showAccuracies();
  showProgress("Not trained yet", 0);
  byId("right-count").textContent = "What the network takes them for";
  byId("note").hidden = true;
  byId("failure").hidden = true;
  enter("opening");
  session = open();
}

reset.addEventListener("click", startOver);
deviceChoice.addEventListener("change", startOver);
byId("clear").addEventListener("click", () => pad.clear());

function drawingChanged(pixels: Float32Array | undefined): void {
  drawn = pixels;
  if (pixels !== undefined) {
    session.classify(pixels);
    return;
  }
  bars.clear();
  byId("verdict").textContent = "Draw with the mouse, a pen or a finger.";
}

function hear(report: Report): void {
  switch (report.type) {
    case "opened":
      showDevice(report.device, report.note);
      tiles.setImages(report.samples);
      enter("ready");
      break;
    case "losses":
      chart.add(report.values);
      showLosses(report.epoch, report.imagesPerSecond);
      break;
    case "epoch":
      accuracies.push(report.accuracy);
      chart.mark(percent(report.accuracy));
      showAccuracies();
      break;
    case "predictions": {
      const right = tiles.setPredictions(report.predictions);
      byId("right-count").textContent = `${right} of ${report.predictions.length} right`;
      break;
    }
    case "probabilities":
      showProbabilities(report.values);
      return;
    case "idle":
      enter(report.finished ? "finished" : "paused");
      break;
    case "failed":
      byId("failure").hidden = false;
      byId("failure").textContent = report.message;
      enter("failed");
      return;
  }
  // The network may have changed.
  if (drawn !== undefined && report.type !== "losses") session.classify(drawn);
}

function showDevice(device: DeviceName, note: string | undefined): void {
  byId("device").dataset.device = device;
  byId("device-name").textContent = deviceNames[device];
  byId("note").hidden = note === undefined;
  byId("note").textContent = note ?? "";
  deviceChoice.value = device;
  const gpu = deviceChoice.options[0] as HTMLOptionElement;
  gpu.disabled ||= note !== undefined;
}

function showProgress(text: string, share: number): void {
  byId("progress").textContent = text;
  byId<HTMLProgressElement>("epoch-progress").value = share;
}

function showLosses(epoch: number, imagesPerSecond: number): void {
  const loss = (chart.mean ?? 0).toFixed(3);
  const speed = `${Math.round(imagesPerSecond).toLocaleString("en")} images/s`;
  showProgress(
    `step ${chart.steps.toLocaleString("en")} · loss ${loss} · ${speed}`,
    epoch % 1 || 1,
  );
  const text = `Training loss by step: ${loss} after ${chart.steps} steps`;
  byId("loss").setAttribute("aria-label", text);
}

function showAccuracies(): void {
  byId("no-epochs").hidden = accuracies.length > 0;
  const best = Math.max(...accuracies);
  byId("best-accuracy").textContent = accuracies.length > 0 ? `best ${percent(best)}` : "";
  const rows = accuracies.map((accuracy, i) => {
    const row = make("li", "bar");
    const track = make("span", "track");
    const fill = make("span", "fill");
    fill.style.inlineSize = percent(accuracy);
    track.append(fill);
    row.append(make("span", "epoch", `Epoch ${i + 1}`), track);
    row.append(make("span", "value", percent(accuracy)));
    return row;
  });
  byId("accuracy").replaceChildren(...rows);
}

function showProbabilities(values: readonly number[]): void {
  if (drawn === undefined) return;
  bars.show(values);
  const share = Math.max(...values);
  const digit = values.indexOf(share);
  const hint = chart.steps === 0 ? " It has not learned anything yet." : "";
  byId("verdict").textContent = `The network sees a ${digit} (${percent(share, 0)}).${hint}`;
}

enter("opening");
