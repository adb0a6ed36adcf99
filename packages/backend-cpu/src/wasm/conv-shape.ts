// The sizes of a two-dimensional convolution, and its taps: the kernel positions, as offsets into the input.

/** All sizes and options of a conv2d. Arrays are dense [N, C, H, W] and [C_out, C_in / groups, K_h, K_w]. */
export interface Conv2dShape {
  readonly batch: number;
  readonly inChannels: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly outChannels: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly padHeight: number;
  readonly padWidth: number;
  readonly dilationHeight: number;
  readonly dilationWidth: number;
  readonly groups: number;
}

/** Which source element each kernel position reads: source[y * strideRow + rows[t], x * strideColumn + columns[t]]. */
export interface Taps {
  readonly count: number;
  /** Position in the kernel plane (kh * K_w + kw). */
  readonly index: Int32Array;
  readonly rows: Int32Array;
  readonly columns: Int32Array;
  readonly strideRow: number;
  readonly strideColumn: number;
}

/** The taps of a forward convolution, and of its weight gradient. */
export function forwardTaps(shape: Conv2dShape): Taps {
  const count = shape.kernelHeight * shape.kernelWidth;
  const index = new Int32Array(count);
  const rows = new Int32Array(count);
  const columns = new Int32Array(count);
  for (let t = 0; t < count; t++) {
    const kw = t % shape.kernelWidth;
    const kh = (t - kw) / shape.kernelWidth;
    index[t] = t;
    rows[t] = kh * shape.dilationHeight - shape.padHeight;
    columns[t] = kw * shape.dilationWidth - shape.padWidth;
  }
  return {
    count,
    index,
    rows,
    columns,
    strideRow: shape.strideHeight,
    strideColumn: shape.strideWidth,
  };
}

/**
 * The taps of the input gradient at rows ih = y * strideHeight + phaseRow and columns iw = x * strideWidth + phaseColumn.
 * Output row oh uses input row ih through tap kh when oh * stride = ih + pad - kh * dilation, so for one phase the taps
 * are those that divide, and the gradient is a convolution of stride 1 over the output's gradient.
 */
export function gradInputTaps(shape: Conv2dShape, phaseRow: number, phaseColumn: number): Taps {
  const index: number[] = [];
  const rows: number[] = [];
  const columns: number[] = [];
  for (let kh = 0; kh < shape.kernelHeight; kh++) {
    const y = phaseRow + shape.padHeight - kh * shape.dilationHeight;
    if (y % shape.strideHeight !== 0) continue;
    for (let kw = 0; kw < shape.kernelWidth; kw++) {
      const x = phaseColumn + shape.padWidth - kw * shape.dilationWidth;
      if (x % shape.strideWidth !== 0) continue;
      index.push(kh * shape.kernelWidth + kw);
      rows.push(y / shape.strideHeight);
      columns.push(x / shape.strideWidth);
    }
  }
  return {
    count: index.length,
    index: Int32Array.from(index),
    rows: Int32Array.from(rows),
    columns: Int32Array.from(columns),
    strideRow: 1,
    strideColumn: 1,
  };
}
