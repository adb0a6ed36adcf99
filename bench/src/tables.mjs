// From measured times to tables in markdown, which read well in a terminal too.

/** The median, or undefined of nothing. */
const median = (list) => {
  if (list.length === 0) return undefined;
  const sorted = [...list].sort((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return (low + high) / 2;
};
const finite = (list) => list.filter((x) => Number.isFinite(x));

/**
 * The times of one row.
 * @param rounds - for each round, by engine and row, the fastest run `ms` and the `median`
 * @returns of each engine the fastest run of all, `ratio`: that over the first engine's, and `typical`: the median over
 *   the rounds of its median over the first engine's
 */
export function timesOf(rounds, engines, name) {
  const fastest = (engine) => {
    const times = finite(rounds.map((round) => round[engine]?.[name]?.ms));
    return times.length > 0 ? Math.min(...times) : undefined;
  };
  const ours = engines[0];
  return engines.map((engine) => {
    const ms = fastest(engine);
    const medians = rounds.map(
      (round) => round[engine]?.[name]?.median / round[ours]?.[name]?.median,
    );
    return {
      ...{ engine, ms, typical: median(finite(medians)) },
      ratio: ms === undefined ? undefined : ms / fastest(ours),
    };
  });
}

/** What a row should reach, as { what, target, reached }. */
export function targetsOf(row, [ours, ...others]) {
  const ratioTo = (name) => others.find(({ engine }) => engine === name)?.ratio;
  const peers = finite(others.filter(({ engine }) => engine !== "PyTorch").map((x) => x.ratio));
  const values = {
    pytorch: ["PyTorch", ratioTo("PyTorch")],
    peers: ["peers", peers.length > 0 ? Math.min(...peers) : undefined],
    perSecond: ["per second", 1000 / ours.ms],
  };
  return Object.entries(values).flatMap(([key, [what, value]]) =>
    (row[key] ?? []).map((target) => ({ what, target, value, reached: value >= target })),
  );
}

function cell({ ms, ratio, typical }, { flops }, first) {
  if (ms === undefined) return "-";
  const value = flops === undefined ? timeText(ms) : `${(flops / ms / 1e6).toFixed(1)} GFLOP/s`;
  return first || ratio === undefined
    ? value
    : `${value} (${ratio.toFixed(2)}, ${typical.toFixed(2)})`;
}

const timeText = (ms) => {
  if (ms < 0.1) return `${(ms * 1000).toPrecision(3)} us`;
  return `${ms < 999 ? ms.toPrecision(3) : ms.toFixed(0)} ms`;
};

function targetCell(targets) {
  const groups = new Map();
  for (const each of targets) groups.set(each.what, [...(groups.get(each.what) ?? []), each]);
  const texts = [...groups].map(([what, list]) => {
    const marks = list.map(({ target, value, reached }) => {
      if (value === undefined) return `${target}`;
      return `${target} ${reached ? "✓" : "✗"}`;
    });
    return `${what} ${marks.join(", ")}`;
  });
  return texts.join("; ");
}

/** Pads the cells of a table, given as rows of cells. */
export function markdown([head, ...body]) {
  const widths = head.map((_, i) => Math.max(...[head, ...body].map((row) => row[i].length)));
  const line = (row) => `| ${row.map((text, i) => text.padEnd(widths[i])).join(" | ")} |`;
  const rule = `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`;
  return [line(head), rule, ...body.map(line)].join("\n");
}

/**
 * The table of one number of threads; an engine without any time has no column.
 * @param rows - see rows.mjs
 * @param rounds - see timesOf
 * @param engines - their names, ours first
 */
export function table(rows, rounds, engines) {
  const has = (engine) => rounds.some((round) => Object.keys(round[engine] ?? {}).length > 0);
  const shown = engines.filter((engine, i) => i === 0 || has(engine));
  const measured = rows.filter(({ name }) =>
    timesOf(rounds, shown, name).some(({ ms }) => ms !== undefined),
  );
  const body = measured.map((row) => {
    const times = timesOf(rounds, shown, row.name);
    const cells = times.map((each, i) => cell(each, row, i === 0));
    return [row.name, cells[0], targetCell(targetsOf(row, times)), ...cells.slice(1)];
  });
  return markdown([["work", shown[0], "to reach", ...shown.slice(1)], ...body]);
}

const megabytes = (bytes) => (bytes === undefined ? "-" : (bytes / 2 ** 20).toFixed(1));

/**
 * The table of memory.mjs: what a training step holds at most, in MB; in brackets ours over PyTorch's.
 * @param results - by network: { scope, plain, pytorch }, each { tensors, resident } in bytes
 */
export function memoryTable(results) {
  const limit = 1.3;
  const beside = (ours, theirs) => {
    if (ours === undefined || theirs === undefined) return megabytes(ours);
    const ratio = ours / theirs;
    return `${megabytes(ours)} (${ratio.toFixed(2)} ${ratio <= limit ? "✓" : "✗"})`;
  };
  const body = Object.entries(results).map(([name, { scope, plain, pytorch }]) => [
    name,
    ...[beside(scope.tensors, pytorch.tensors), megabytes(pytorch.tensors)],
    ...[beside(scope.resident, pytorch.resident), beside(plain.resident, pytorch.resident)],
    megabytes(pytorch.resident),
  ]);
  const resident = ["resident, in a scope", "resident, no scope", "PyTorch"];
  return markdown([["training step, MB", "live tensors", "PyTorch", ...resident], ...body]);
}
