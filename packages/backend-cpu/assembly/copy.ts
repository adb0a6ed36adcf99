// Copies of 32-bit words between layouts of up to four dims: rows by vectors, transposed planes by squares of four.

/** One row of `count` words. */
@inline
function copyRow(to: usize, from: usize, count: i32): void {
  const end = to + ((<usize>count) << 2);
  for (; to + 16 <= end; to += 16) {
    v128.store(to, v128.load(from));
    from += 16;
  }
  for (; to < end; to += 4) {
    store<u32>(to, load<u32>(from));
    from += 4;
  }
}

/** Words one by one. */
function copyPlain(
  to: usize, toRow: usize, toColumn: usize,
  from: usize, fromRow: usize, fromColumn: usize,
  rows: i32, columns: i32,
): void {
  for (let r = 0; r < rows; r++) {
    let a = to;
    let b = from;
    for (let c = 0; c < columns; c++) {
      store<u32>(a, load<u32>(b));
      a += toColumn;
      b += fromColumn;
    }
    to += toRow;
    from += fromRow;
  }
}

/** Four rows of four words in the target, which are columns of the source. */
@inline
function transpose4(to: usize, toRow: usize, from: usize, fromColumn: usize): void {
  const a = v128.load(from);
  const b = v128.load(from + fromColumn);
  const c = v128.load(from + 2 * fromColumn);
  const d = v128.load(from + 3 * fromColumn);
  const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  v128.store(to, v128.shuffle<i64>(ab, cd, 0, 2));
  v128.store(to + toRow, v128.shuffle<i64>(ab, cd, 1, 3));
  const above = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const below = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  v128.store(to + 2 * toRow, v128.shuffle<i64>(above, below, 0, 2));
  v128.store(to + 3 * toRow, v128.shuffle<i64>(above, below, 1, 3));
}

/** The target runs along columns, the source along rows. A line of the source, 16 words, is used up at once. */
function copyTransposed(
  to: usize, toRow: usize,
  from: usize, fromColumn: usize,
  rows: i32, columns: i32,
): void {
  const whole = columns & ~3;
  for (let first = 0; first < rows; first += 16) {
    const last = min(rows, first + 16);
    const full = first + ((last - first) & ~3);
    for (let c = 0; c < whole; c += 4) {
      const column = from + <usize>c * fromColumn;
      const place = to + ((<usize>c) << 2);
      for (let r = first; r < full; r += 4)
        transpose4(place + <usize>r * toRow, toRow, column + ((<usize>r) << 2), fromColumn);
    }
    for (let r = first; r < full; r++) {
      const row = to + <usize>r * toRow;
      for (let c = whole; c < columns; c++)
        store<u32>(row + ((<usize>c) << 2), load<u32>(from + <usize>c * fromColumn + ((<usize>r) << 2)));
    }
    if (full < last)
      copyPlain(to + <usize>full * toRow, toRow, 4, from + ((<usize>full) << 2), 4, fromColumn, last - full, columns);
  }
}

function copyPlane(
  to: usize, toRow: usize, toColumn: usize,
  from: usize, fromRow: usize, fromColumn: usize,
  rows: i32, columns: i32,
): void {
  if (toColumn === 4 && fromColumn === 4) {
    for (let r = 0; r < rows; r++) {
      copyRow(to, from, columns);
      to += toRow;
      from += fromRow;
    }
  } else if (toColumn === 4 && fromRow === 4) {
    copyTransposed(to, toRow, from, fromColumn, rows, columns);
  } else copyPlain(to, toRow, toColumn, from, fromRow, fromColumn, rows, columns);
}

/** to[i . toStrides] = from[i . fromStrides] for words; the dims are (size, stride of to, stride of from), outermost first. */
export function copyWords(
  to: usize, from: usize,
  size0: i32, to0: i32, from0: i32,
  size1: i32, to1: i32, from1: i32,
  size2: i32, to2: i32, from2: i32,
  size3: i32, to3: i32, from3: i32,
): void {
  for (let i = 0; i < size0; i++) {
    let a = to + ((<usize>(i * to0)) << 2);
    let b = from + ((<usize>(i * from0)) << 2);
    for (let j = 0; j < size1; j++) {
      copyPlane(a, <usize>to2 << 2, <usize>to3 << 2, b, <usize>from2 << 2, <usize>from3 << 2, size2, size3);
      a += <usize>to1 << 2;
      b += <usize>from1 << 2;
    }
  }
}

/**
 * For each of `outer` blocks of `size` rows of `inner` words: the `count` rows that the indices name. Each block has its own
 * indices, `step` after the last one's; 0 where they are the same for all.
 */
export function pickWords(
  to: usize, from: usize, indices: usize,
  outer: i32, size: i32, count: i32, inner: i32, step: i32,
): void {
  const row = (<usize>inner) << 2;
  for (let o = 0; o < outer; o++) {
    let index = indices;
    const end = index + ((<usize>count) << 2);
    if (inner === 1) {
      for (; index < end; index += 4) {
        store<u32>(to, load<u32>(from + ((<usize>load<u32>(index)) << 2)));
        to += 4;
      }
    } else {
      for (; index < end; index += 4) {
        copyRow(to, from + <usize>load<u32>(index) * row, inner);
        to += row;
      }
    }
    from += <usize>size * row;
    indices += (<usize>step) << 2;
  }
}
