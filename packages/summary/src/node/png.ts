// PNG encoding for the image dashboard, by pngjs.
import type { Image } from "@tead/transforms/image";
import { PNG } from "pngjs";

/** PNG's color types by number of channels. */
const colorTypes = { 1: 0, 2: 4, 3: 2, 4: 6 } as const;

/** An image as a whole PNG file, losslessly. */
export function encodePng({ data, height, width, channels }: Image): Uint8Array {
  const png = new PNG({ height, width });
  png.data = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const colorType = colorTypes[channels];
  const inputHasAlpha = channels % 2 === 0;
  return PNG.sync.write(png, { colorType, inputColorType: colorType, inputHasAlpha });
}
