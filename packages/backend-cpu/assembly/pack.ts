// Packing of matmul operands into panels, the layout in which the register tiles read them:
// panel q holds rows [q * width, q * width + width) as packed[q][p][i], rows beyond the last as zeros.

@inline
function transpose4(to: usize, toStride: usize, r0: v128, r1: v128, r2: v128, r3: v128): void {
  const t0 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
  const t1 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
  const t2 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const t3 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(t0, t1, 0, 1, 4, 5));
  v128.store(to + toStride, v128.shuffle<f32>(t0, t1, 2, 3, 6, 7));
  v128.store(to + toStride * 2, v128.shuffle<f32>(t2, t3, 0, 1, 4, 5));
  v128.store(to + toStride * 3, v128.shuffle<f32>(t2, t3, 2, 3, 6, 7));
}

@inline
function transpose2(to: usize, toStride: usize, r0: v128, r1: v128): void {
  const t0 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
  const t1 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  v128.store64_lane(to, t0, 0);
  v128.store64_lane(to + toStride, t0, 1);
  v128.store64_lane(to + toStride * 2, t1, 0);
  v128.store64_lane(to + toStride * 3, t1, 1);
}

/** `rows` rows of a panel, each contiguous along k: 4x4 blocks are transposed in registers. */
function packRows(to: usize, from: usize, rowBytes: usize, k: i32, width: i32, rows: i32): void {
  const toStride = (<usize>width) << 2;
  let p = 0;
  for (; p + 4 <= k; p += 4) {
    let i = 0;
    let source = from;
    let target = to;
    for (; i + 4 <= rows; i += 4) {
      const r2 = source + rowBytes * 2;
      transpose4(
        target,
        toStride,
        v128.load(source),
        v128.load(source + rowBytes),
        v128.load(r2),
        v128.load(r2 + rowBytes),
      );
      source += rowBytes * 4;
      target += 16;
    }
    if (i + 2 <= rows) {
      transpose2(target, toStride, v128.load(source), v128.load(source + rowBytes));
      source += rowBytes * 2;
      target += 8;
      i += 2;
    }
    if (i < rows) {
      const row = v128.load(source);
      v128.store32_lane(target, row, 0);
      v128.store32_lane(target + toStride, row, 1);
      v128.store32_lane(target + toStride * 2, row, 2);
      v128.store32_lane(target + toStride * 3, row, 3);
    }
    to += toStride * 4;
    from += 16;
  }
  for (; p < k; p++) {
    let source = from;
    for (let i = 0; i < rows; i++) {
      store<f32>(to + ((<usize>i) << 2), load<f32>(source));
      source += rowBytes;
    }
    to += toStride;
    from += 4;
  }
}

/** A full panel whose rows lie side by side in memory: plain copies. */
function packColumns(to: usize, from: usize, kBytes: usize, k: i32, width: i32): void {
  const toStride = (<usize>width) << 2;
  if (width == 8) {
    for (let p = 0; p < k; p++) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
      to += 32;
      from += kBytes;
    }
  } else if (width == 6) {
    for (let p = 0; p < k; p++) {
      v128.store(to, v128.load(from));
      store<u64>(to, load<u64>(from, 16), 16);
      to += 24;
      from += kBytes;
    }
  } else if (width == 5) {
    for (let p = 0; p < k; p++) {
      v128.store(to, v128.load(from));
      store<f32>(to, load<f32>(from, 16), 16);
      to += 20;
      from += kBytes;
    }
  } else {
    for (let p = 0; p < k; p++) {
      v128.store(to, v128.load(from));
      to += toStride;
      from += kBytes;
    }
  }
}

function packAny(to: usize, from: usize, rowBytes: usize, kBytes: usize, k: i32, width: i32, rows: i32): void {
  for (let p = 0; p < k; p++) {
    let source = from;
    let i = 0;
    for (; i < rows; i++) {
      store<f32>(to + ((<usize>i) << 2), load<f32>(source));
      source += rowBytes;
    }
    for (; i < width; i++) store<f32>(to + ((<usize>i) << 2), 0);
    to += (<usize>width) << 2;
    from += kBytes;
  }
}

/** Packs a [rows, k] matrix with any strides (in elements) into panels of `width` (4, 5, 6 or 8) rows. */
export function packPanels(
  to: usize,
  from: usize,
  rowStride: i32,
  kStride: i32,
  rows: i32,
  k: i32,
  width: i32,
): void {
  const rowBytes = (<usize>rowStride) << 2;
  const kBytes = (<usize>kStride) << 2;
  const panelBytes = (<usize>(k * width)) << 2;
  for (let row = 0; row < rows; row += width) {
    const some = rows - row;
    if (some < width && kStride == 1) {
      memory.fill(to, 0, panelBytes);
      packRows(to, from, rowBytes, k, width, some);
    } else if (some < width) packAny(to, from, rowBytes, kBytes, k, width, some);
    else if (kStride == 1) packRows(to, from, rowBytes, k, width, width);
    else if (rowStride == 1) packColumns(to, from, kBytes, k, width);
    else packAny(to, from, rowBytes, kBytes, k, width, width);
    to += panelBytes;
    from += rowBytes * width;
  }
}

/** One task of packing a [rows, k] matrix in parts of `depth` along k, part after part: `taskRows` rows, whole panels, of all parts. */
export function packTask(
  to: usize,
  from: usize,
  rowStride: i32,
  kStride: i32,
  rows: i32,
  k: i32,
  width: i32,
  depth: i32,
  taskRows: i32,
  task: i32,
): void {
  const row = task * taskRows;
  const padded = (rows + width - 1) / width * width;
  for (let p = 0; p < k; p += depth) {
    const part = min(depth, k - p);
    const target = to + ((<usize>(p * padded + row * part)) << 2);
    const source = from + ((<usize>(row * rowStride + p * kStride)) << 2);
    packPanels(target, source, rowStride, kStride, min(taskRows, rows - row), part, width);
  }
}

/** to[column][row] = from[row][column]; both strides are row lengths in floats. */
export function transpose(to: usize, toStride: i32, from: usize, fromStride: i32, rows: i32, columns: i32): void {
  const toBytes = (<usize>toStride) << 2;
  const fromBytes = (<usize>fromStride) << 2;
  let row = 0;
  for (; row + 4 <= rows; row += 4) {
    let source = from + fromBytes * row;
    let target = to + ((<usize>row) << 2);
    let column = 0;
    for (; column + 4 <= columns; column += 4) {
      const r2 = source + fromBytes * 2;
      transpose4(
        target,
        toBytes,
        v128.load(source),
        v128.load(source + fromBytes),
        v128.load(r2),
        v128.load(r2 + fromBytes),
      );
      source += 16;
      target += toBytes * 4;
    }
    for (; column < columns; column++) {
      for (let i: usize = 0; i < 4; i++) store<f32>(target + (i << 2), load<f32>(source + fromBytes * i));
      source += 4;
      target += toBytes;
    }
  }
  for (; row < rows; row++) {
    const source = from + fromBytes * row;
    const target = to + ((<usize>row) << 2);
    for (let column: usize = 0; column < <usize>columns; column++) {
      store<f32>(target + toBytes * column, load<f32>(source + (column << 2)));
    }
  }
}
