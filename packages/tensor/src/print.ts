// A tensor's printout, read where the device can be read at once.
import type { Tensor } from "./tensor.ts";

export function describeTensor(t: Tensor): string {
  return `tensor(shape=[${t.shape.join(", ")}], dtype=${t.dtype}, device=${t.device.name})`;
}
