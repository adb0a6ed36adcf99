// The sizes of a two-dimensional pooling, and the bands in which it is staged.

/** Sizes and options of a pool over dense [planes, height, width]; planes are batch times channels. */
export interface Pool2dShape {
  readonly planes: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly padHeight: number;
  readonly padWidth: number;
}

export interface MaxPool2dShape extends Pool2dShape {
  readonly dilationHeight: number;
  readonly dilationWidth: number;
}

export interface AvgPool2dShape extends Pool2dShape {
  /** Whether padding counts in the divisor. */
  readonly countIncludePad: boolean;
  /** Divides every window instead of its size, where given. */
  readonly divisorOverride?: number | undefined;
}

/** Whole planes, or output rows of one plane, with the input rows that they read. */
export interface PoolBand {
  readonly plane: number;
  readonly planes: number;
  readonly outRow: number;
  readonly outRows: number;
  readonly inRow: number;
  readonly inRows: number;
}

/** Input floats staged at a time: whole planes as long as they fit. */
const BAND_FLOATS = 32768;

/** The most input and output floats that a band holds. */
export function bandFloats(shape: Pool2dShape, span: number): [input: number, output: number] {
  let [input, output] = [0, 0];
  for (const band of poolBands(shape, span)) {
    input = Math.max(input, band.planes * band.inRows * shape.inWidth);
    output = Math.max(output, band.planes * band.outRows * shape.outWidth);
  }
  return [input, output];
}

/** Cuts a pool into bands; `span` is the number of input rows that a window covers. */
export function* poolBands(shape: Pool2dShape, span: number): Generator<PoolBand> {
  const { planes, inHeight, inWidth, outHeight, outWidth, strideHeight, padHeight } = shape;
  const plane = Math.max(1, inHeight * inWidth, outHeight * outWidth);
  if (plane <= BAND_FLOATS) {
    const together = Math.floor(BAND_FLOATS / plane);
    for (let p = 0; p < planes; p += together) {
      const n = Math.min(together, planes - p);
      yield { plane: p, planes: n, outRow: 0, outRows: outHeight, inRow: 0, inRows: inHeight };
    }
    return;
  }
  const fit = Math.floor((BAND_FLOATS / inWidth - span) / strideHeight) + 1;
  const rows = Math.max(1, Math.min(fit, Math.floor(BAND_FLOATS / Math.max(1, outWidth))));
  for (let p = 0; p < planes; p++) {
    for (let outRow = 0; outRow < outHeight; outRow += rows) {
      const outRows = Math.min(rows, outHeight - outRow);
      const first = outRow * strideHeight - padHeight;
      const inRow = Math.min(inHeight, Math.max(0, first));
      const end = Math.min(inHeight, first + (outRows - 1) * strideHeight + span);
      yield { plane: p, planes: 1, outRow, outRows, inRow, inRows: Math.max(0, end - inRow) };
    }
  }
}
