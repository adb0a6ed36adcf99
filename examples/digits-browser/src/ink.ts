// From a drawing to what the network knows: the ink scaled and centred, 28 x 28 pixels.

/** Pixels of the longer side of a digit, in an image of 28. */
const digitSize = 20;
const imageSize = 28;
/** Points looked at along each side of a pixel. */
const samples = 4;

/** A square gray image, values from 0 to 255 in row-major order. */
export interface Drawing {
  readonly gray: Uint8Array;
  readonly side: number;
}

/** The ink of a drawing as the network takes it, from 0 to 1; undefined if there is none. */
export function fitInk({ gray, side }: Drawing): Float32Array | undefined {
  let [left, right, top, bottom] = [side, -1, side, -1];
  gray.forEach((value, i) => {
    if (value < 64) return;
    const [x, y] = [i % side, Math.floor(i / side)];
    [left, right] = [Math.min(left, x), Math.max(right, x)];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
  });
  if (right < 0) return undefined;
  // Source pixels a target pixel; a dot is not blown up.
  const scale = Math.max(right - left + 1, bottom - top + 1, side / 3) / digitSize;
  const [centerX, centerY] = [(left + right + 1) / 2, (top + bottom + 1) / 2];
  const at = (x: number, y: number): number => {
    const [column, row] = [Math.floor(x), Math.floor(y)];
    if (column < 0 || row < 0 || column >= side || row >= side) return 0;
    return gray[row * side + column] as number;
  };
  return Float32Array.from({ length: imageSize ** 2 }, (_, i) => {
    const [column, row] = [i % imageSize, Math.floor(i / imageSize)];
    let sum = 0;
    for (let k = 0; k < samples ** 2; k++) {
      const x = column + ((k % samples) + 0.5) / samples - imageSize / 2;
      const y = row + (Math.floor(k / samples) + 0.5) / samples - imageSize / 2;
      sum += at(centerX + x * scale, centerY + y * scale);
    }
    return sum / (255 * samples ** 2);
  });
}
