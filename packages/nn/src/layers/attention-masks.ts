// The masks of MultiheadAttention, brought to one that fits [N, heads, L, S].
import { ShapeError, type Tensor } from "@tead/tensor";
import { causalMask, checkMask } from "../functional/attention.ts";

/** What `MultiheadAttention.forward` takes beside query, key and value. */
export interface AttentionMasks {
  /** Keys that nobody sees: `[N, S]`, or `[S]` without batch. True hides; a float is added. */
  readonly keyPaddingMask?: Tensor | undefined;
  /** Keys that a query does not see: `[L, S]` or `[N * heads, L, S]`. True hides; a float is added. */
  readonly attnMask?: Tensor | undefined;
  /** Whether query i sees keys 0 to i only; beside `attnMask` it says that the mask is such. */
  readonly isCausal?: boolean | undefined;
}

/** The sizes that masks must have. */
export interface AttentionSizes {
  readonly batch: number;
  readonly heads: number;
  readonly queries: number;
  /** Keys as given; beyond them come `extra` ones that every query sees. */
  readonly keys: number;
  readonly extra: number;
}

/** One mask of either kind; none where nothing is hidden. */
export interface MergedMask {
  readonly blocked?: Tensor;
  readonly added?: Tensor;
}

const op = "MultiheadAttention";

export function mergedMask(
  query: Tensor,
  masks: AttentionMasks,
  sizes: AttentionSizes,
): MergedMask {
  const { batch, heads, queries, keys, extra } = sizes;
  checkMask(op, "keyPaddingMask", masks.keyPaddingMask);
  checkMask(op, "attnMask", masks.attnMask);
  const forQueries = masks.isCausal ? causalMask(query, queries, keys) : undefined;
  const attnMask = masks.attnMask ?? forQueries;
  const all: Tensor[] = [];
  if (attnMask !== undefined) {
    requireShape("attnMask", attnMask, [queries, keys], [batch * heads, queries, keys]);
    // [L, S] or [N * heads, L, S] -> [N, heads, L, S]
    all.push(attnMask.ndim === 2 ? attnMask : attnMask.reshape([batch, heads, queries, keys]));
  }
  if (masks.keyPaddingMask !== undefined) {
    const padding = masks.keyPaddingMask;
    requireShape("keyPaddingMask", padding, [batch, keys]);
    all.push(padding.reshape([batch, 1, 1, keys]));
  }
  const [first, second] = extra > 0 ? all.map((mask) => mask.pad([0, extra])) : all;
  if (first === undefined) return {};
  if (second === undefined) return first.dtype === "bool" ? { blocked: first } : { added: first };
  if (first.dtype === "bool" && second.dtype === "bool")
    return { blocked: first.logicalOr(second) };
  return { added: asAdded(first, query).add(asAdded(second, query)) };
}

/** A bool mask as one that is added: -infinity where it is true. */
function asAdded(mask: Tensor, query: Tensor): Tensor {
  if (mask.dtype !== "bool") return mask.to(query.dtype);
  return query.newZeros(mask.shape).maskedFill(mask, Number.NEGATIVE_INFINITY);
}

function requireShape(name: string, { shape }: Tensor, ...fitting: readonly number[][]): void {
  if (fitting.some((each) => each.join() === shape.join())) return;
  const expected = fitting.map((each) => `[${each.join(", ")}]`).join(" or ");
  throw new ShapeError(
    `${op}: Mask ${name} does not fit: expected ${expected}, received [${shape.join(", ")}]`,
  );
}
