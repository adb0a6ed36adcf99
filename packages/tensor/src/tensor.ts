// class Tensor: the last link of the chain of method families.

import type { Backend } from "./backend.ts";
import { setTensorClass } from "./dispatch.ts";
import { moveAsync } from "./methods/convert.ts";
import { RandomMethods } from "./methods/random.ts";
import { describeTensor } from "./print.ts";

/** A strided array of one dtype on one device: PyTorch's `torch.Tensor`. */
export class Tensor extends RandomMethods {
  /** The tensor on another device, from any device. @category Conversion */
  moveTo(device: Backend): Promise<Tensor> {
    return moveAsync(this, device);
  }
  /** PyTorch's printout. */
  override toString(): string {
    return describeTensor(this);
  }
}

setTensorClass(Tensor);

// What console.log shows in Node.
Object.defineProperty(Tensor.prototype, Symbol.for("nodejs.util.inspect.custom"), {
  value(this: Tensor): string {
    return describeTensor(this);
  },
});
