// Matrix multiplication, float32: cache blocking around the packed kernel of assembly/matmul.ts. Operands may have any
// strides; they are packed from where they lie. The twin is src/twins/matmul.ts.
import { matmulF32 as matmulTwin } from "../twins/matmul.ts";
import { type Engine, reserve, wasmEngine } from "./engine.ts";
import { copyIn, copyOut, type Staged, stage, stageFloats } from "./stage.ts";

/** What the product is added to. Without it: zero. */
export interface MatmulInit {
  /** Add to what `out` holds. */
  readonly accumulate?: boolean;
  /** Add one row to every row of the result: n floats from `biasOffset`. Not together with `accumulate`. */
  readonly bias?: Float32Array;
  readonly biasOffset?: number;
}

/** k in one packed panel: a 4 to 6 by 256 panel of A and a 256 x 8 panel of B stay in the first-level cache. */
const K_BLOCK = 256;
/** k between two writes of C, so that the packed columns of B stay bounded. */
const K_SUPER = 4096;
/** Floats of B packed at a time. */
const B_FLOATS = 262144;
const COLUMN_BLOCK = 512;
const ROW_BLOCK = 96;
/** Products of fewer multiply-adds than this are done in plain loops: staging would cost more. */
const SMALL = 1024;

const staged: Staged = { rowStride: 0, columnStride: 0 };

const align = (floats: number): number => (floats + 15) & ~15;

/** C's block in scratch memory before the first product. */
const initialize = (
  engine: Engine,
  c: number,
  columns: number,
  rows: number,
  out: Float32Array,
  outAt: number,
  n: number,
  init: MatmulInit | undefined,
  biasAt: number,
  accumulate: boolean,
): void => {
  const memory = engine.f32;
  if (accumulate) {
    if (columns === n) copyIn(engine, c, out, outAt, rows * n);
    else
      for (let r = 0; r < rows; r++) copyIn(engine, c + r * columns, out, outAt + r * n, columns);
  } else if (init?.bias) {
    copyIn(engine, c, init.bias, biasAt, columns);
    for (let r = 1; r < rows; r++) memory.copyWithin(c + r * columns, c, c + columns);
  } else memory.fill(0, c, c + rows * columns);
};

/**
 * out[m, n] = A[m, k] B[k, n] (+ bias row, or + out), float32.
 *
 * `out` is dense and row-major from `outOffset`; A and B have any row and column strides in elements (0 broadcasts), so a
 * transposed operand is the same array with its strides exchanged. `out` must not overlap A or B.
 */
export function matmulF32(
  out: Float32Array,
  outOffset: number,
  a: Float32Array,
  aOffset: number,
  aRowStride: number,
  aColumnStride: number,
  b: Float32Array,
  bOffset: number,
  bRowStride: number,
  bColumnStride: number,
  m: number,
  n: number,
  k: number,
  init?: MatmulInit,
): void {
  if (m * n * k < SMALL) {
    const [aR, aC, bR, bC] = [aRowStride, aColumnStride, bRowStride, bColumnStride];
    matmulTwin(out, outOffset, a, aOffset, aR, aC, b, bOffset, bR, bC, m, n, k, init);
    return;
  }
  const engine = wasmEngine();
  const { packPanels, matmulBlock } = engine.kernels;
  const tileRows = engine.kernels.matmulRows();
  const biasOffset = init?.biasOffset ?? 0;

  const kSuper = Math.min(k, K_SUPER);
  const nBlock = Math.min(
    (n + 7) & ~7,
    COLUMN_BLOCK,
    Math.max(8, Math.floor(B_FLOATS / kSuper) & ~7),
  );
  const mBlock = Math.min(m, ROW_BLOCK);
  const mPadded = Math.ceil(mBlock / tileRows) * tileRows;
  const kBlock = Math.min(k, K_BLOCK);
  const bPacked = 0;
  const aPacked = bPacked + align(kSuper * nBlock);
  const cBlock = aPacked + align(mPadded * kBlock);
  const raw = cBlock + align(mBlock * nBlock);
  const total = raw + Math.max(stageFloats(mBlock, kBlock), stageFloats(kBlock, nBlock));
  const base = reserve(engine, total * 4) >> 2;
  const bAt = base + bPacked;
  const aAt = base + aPacked;
  const cAt = base + cBlock;
  const rawAt = base + raw;

  for (let k0 = 0; k0 < k; k0 += kSuper) {
    const kEnd = Math.min(k, k0 + kSuper);
    const accumulate = k0 > 0 || init?.accumulate === true;
    for (let j = 0; j < n; j += nBlock) {
      const columns = Math.min(nBlock, n - j);
      const paddedColumns = (columns + 7) & ~7;
      for (let p = k0; p < kEnd; p += kBlock) {
        const depth = Math.min(kBlock, kEnd - p);
        const from = bOffset + p * bRowStride + j * bColumnStride;
        stage(engine, staged, rawAt, b, from, bRowStride, bColumnStride, depth, columns);
        const to = bAt + (p - k0) * paddedColumns;
        packPanels(to * 4, rawAt * 4, staged.columnStride, staged.rowStride, columns, depth, 8);
      }
      for (let i = 0; i < m; i += mBlock) {
        const rows = Math.min(mBlock, m - i);
        const outAt = outOffset + i * n + j;
        initialize(engine, cAt, columns, rows, out, outAt, n, init, biasOffset + j, accumulate);
        for (let p = k0; p < kEnd; p += kBlock) {
          const depth = Math.min(kBlock, kEnd - p);
          const from = aOffset + i * aRowStride + p * aColumnStride;
          stage(engine, staged, rawAt, a, from, aRowStride, aColumnStride, rows, depth);
          packPanels(
            aAt * 4,
            rawAt * 4,
            staged.rowStride,
            staged.columnStride,
            rows,
            depth,
            tileRows,
          );
          const panel = bAt + (p - k0) * paddedColumns;
          matmulBlock(aAt * 4, panel * 4, cAt * 4, columns, rows, columns, depth);
        }
        if (columns === n) copyOut(engine, cAt, out, outAt, rows * n);
        else
          for (let r = 0; r < rows; r++)
            copyOut(engine, cAt + r * columns, out, outAt + r * n, columns);
      }
    }
  }
}
