// Padding: constant, reflected, replicated and circular, composed of indices and concatenation.
import { cat, ShapeError, type Tensor, tensor } from "@tead/tensor";

/** What convolutions pad with. */
export type PaddingMode = "zeros" | "reflect" | "replicate" | "circular";

export interface PadOptions {
  /** Default "constant". */
  readonly mode?: "constant" | Exclude<PaddingMode, "zeros">;
  /** What "constant" writes. Default 0. */
  readonly value?: number;
}

/**
 * Adds elements at both ends of the last dims; negative numbers take elements away ("constant" and "circular").
 *
 * @param padding - Before and after for the last dim, then for the one before it, and so on.
 * @param options - `mode`, `value`.
 * @throws ShapeError where a dim is too small for its padding, or there are more pairs than dims
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.pad.html
 * @example
 * import assert from "node:assert/strict";
 * import { cpu } from "@tead/backend-cpu";
 * import { functional as F } from "@tead/nn";
 * import { setDefaultDevice, tensor } from "@tead/tensor";
 * setDefaultDevice(cpu());
 * const x = tensor([[1, 2, 3]]);
 * assert.deepEqual(F.pad(x, [2, 1], { mode: "reflect" }).tolistSync(), [[3, 2, 1, 2, 3, 2]]);
 */
export function pad(
  input: Tensor,
  padding: readonly number[],
  { mode = "constant", value = 0 }: PadOptions = {},
): Tensor {
  if (padding.length % 2 !== 0 || padding.length > 2 * input.ndim)
    throw refusal(
      input,
      `expected a pair for each of at most ${input.ndim} dims, received ${padding.length} numbers`,
    );
  let x = input;
  for (let i = 0; i < padding.length; i += 2) {
    const [before, after] = [padding[i] as number, padding[i + 1] as number];
    if (before === 0 && after === 0) continue;
    const dim = input.ndim - 1 - i / 2;
    const size = x.size(dim);
    if (size + before + after < 0 || !Number.isInteger(before) || !Number.isInteger(after))
      throw refusal(
        input,
        `expected integers that leave a size of at least 0, received [${padding.join(", ")}]`,
      );
    x =
      mode === "constant"
        ? padConstant(x, dim, before, after, value)
        : x.indexSelect(dim, positions(input, size, before, after, mode));
  }
  return x;
}

function padConstant(x: Tensor, dim: number, before: number, after: number, value: number): Tensor {
  const [cutStart, cutEnd] = [Math.max(-before, 0), Math.max(-after, 0)];
  const kept = x.narrow(dim, cutStart, Math.max(x.size(dim) - cutStart - cutEnd, 0));
  const block = (count: number): Tensor[] =>
    count > 0 ? [x.newFull(x.shape.with(dim, count), value)] : [];
  const parts = [...block(before), kept, ...block(after)];
  return parts.length === 1 ? kept : cat(parts, dim);
}

/** Which element each position shows. */
function positions(
  input: Tensor,
  size: number,
  before: number,
  after: number,
  mode: "reflect" | "replicate" | "circular",
): Tensor {
  const most =
    mode === "reflect" ? size - 1 : mode === "circular" ? size : Number.POSITIVE_INFINITY;
  if (Math.max(before, after) > most || size === 0)
    throw refusal(
      input,
      `expected at most ${Math.max(most, 0)} for mode "${mode}" and size ${size}, received [${before}, ${after}]`,
    );
  const indices = Int32Array.from({ length: size + before + after }, (_, i) => {
    const at = i - before;
    if (mode === "replicate") return Math.min(Math.max(at, 0), size - 1);
    if (mode === "circular") return (at + size) % size;
    return at < 0 ? -at : at >= size ? 2 * (size - 1) - at : at;
  });
  return tensor(indices, { device: input.device });
}

function refusal({ shape, dtype, device }: Tensor, why: string): ShapeError {
  return new ShapeError(`Padding does not fit: ${why}`, {
    op: "pad",
    operands: [{ name: "input", shape, dtype, device: device.name }],
  });
}
