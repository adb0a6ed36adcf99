// How a model's summary prints: torchinfo's layout.
import type { Shape } from "@tead/tensor";
import type { LayerSummary, ModelSummary } from "./model-summary.ts";

/** What the table can show of each layer. */
export type SummaryColumn = "inputShape" | "outputShape" | "params" | "multiplyAdds";

const titles: Readonly<Record<SummaryColumn, string>> = {
  inputShape: "Input Shape",
  outputShape: "Output Shape",
  params: "Param #",
  multiplyAdds: "Mult-Adds",
};
const columnWidth = 25;

const grouped = (n: number): string => n.toLocaleString("en-US");
const shown = (shape: Shape | undefined): string =>
  shape === undefined ? "--" : `[${shape.join(", ")}]`;

const indent = (depth: number): string =>
  depth === 0 ? "" : depth === 1 ? "├─" : `${"│    ".repeat(depth - 1)}└─`;

const titleOf = ({ name, depth, index }: LayerSummary): string =>
  depth === 0 ? name : `${name}: ${depth}-${index}`;

/** How many parameters a row stands for: all below where nothing below is shown. */
function params(layer: LayerSummary, last: boolean): string {
  if (layer.parameters === 0) return "--";
  if (layer.recursive) return "(recursive)";
  const count = last || layer.leaf ? layer.parameters : layer.ownParameters;
  if (count === 0) return "--";
  return layer.trainableParameters === 0 ? `(${grouped(count)})` : grouped(count);
}

/** The multiply-adds of each row and of the rows below it. */
function totals(layers: readonly LayerSummary[]): number[] {
  return layers.map((layer, i) => {
    const end = layers.findIndex((other, j) => j > i && other.depth <= layer.depth);
    const own = layers.slice(i, end < 0 ? undefined : end);
    return own.reduce((sum, each) => sum + each.multiplyAdds, 0);
  });
}

const scales: readonly (readonly [limit: number, unit: string])[] = [
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
];

/** `Total mult-adds (M): 3.41` */
function scaled(label: string, value: number): string {
  const [limit, unit] = scales.find(([least]) => value >= least) ?? [1, ""];
  const number = value / limit;
  const digits = Number.isInteger(number) ? String(number) : number.toFixed(2);
  return `${label}${unit === "" ? "" : ` (${unit})`}: ${digits}`;
}
const megabytes = (label: string, bytes: number): string =>
  `${label} (MB): ${(bytes / 1e6).toFixed(2)}`;

/** The table. */
export function summaryTable(
  summary: ModelSummary,
  columns: readonly SummaryColumn[],
  depth: number,
): string {
  const rows = summary.layers.filter((layer) => layer.depth <= depth);
  const longest = Math.max(...rows.map((row) => titleOf(row).length + row.depth * 5 + 1), 0);
  const width = longest >= 40 ? Math.ceil(longest / 5) * 5 : 40;
  const divider = "=".repeat(width + columns.length * columnWidth);
  const line = (title: string, cells: readonly string[]): string =>
    [title.padEnd(width), ...cells.map((cell) => cell.padEnd(columnWidth))].join(" ").trimEnd();
  const costs = new Map(totals(summary.layers).map((cost, i) => [summary.layers[i], cost]));
  const cell = (layer: LayerSummary, column: SummaryColumn): string => {
    const last = layer.depth === depth;
    if (column === "inputShape") return shown(layer.inputShape);
    if (column === "outputShape") return shown(layer.outputShape);
    if (column === "params") return params(layer, last);
    const cost = last ? (costs.get(layer) ?? 0) : layer.multiplyAdds;
    return cost === 0 ? "--" : grouped(cost);
  };
  const { totalParameters, trainableParameters, inputBytes } = summary;
  const { forwardBackwardBytes, parameterBytes } = summary;
  return [
    divider,
    line(
      "Layer (type:depth-idx)",
      columns.map((column) => titles[column]),
    ),
    divider,
    ...rows.map((row) =>
      line(
        indent(row.depth) + titleOf(row),
        columns.map((column) => cell(row, column)),
      ),
    ),
    divider,
    `Total params: ${grouped(totalParameters)}`,
    `Trainable params: ${grouped(trainableParameters)}`,
    `Non-trainable params: ${grouped(totalParameters - trainableParameters)}`,
    scaled("Total mult-adds", summary.totalMultiplyAdds),
    divider,
    megabytes("Input size", inputBytes),
    megabytes("Forward/backward pass size", forwardBackwardBytes),
    megabytes("Params size", parameterBytes),
    megabytes("Estimated Total Size", inputBytes + forwardBackwardBytes + parameterBytes),
    divider,
  ].join("\n");
}
