// The signatures of the recurrent functions that assembly/index.ts exports. Addresses are bytes; counts are elements.

/** One step of a recurrent layer or its gradient: addresses, then rows and the gates' padded size. */
export interface RecurrentExports {
  rnnStep(h: number, z: number, count: number, relu: number): void;
  rnnStepGrad(grad: number, dh: number, y: number, count: number, relu: number): void;
  lstmStep(z: number, c: number, h: number, rows: number, hidden: number): void;
  lstmStepGrad(
    z: number,
    grad: number,
    more: number,
    dh: number,
    dc: number,
    cell: number,
    before: number,
    rows: number,
    hidden: number,
  ): void;
  gruStep(to: number, x: number, p: number, h: number, rows: number, hidden: number): void;
  gruStepGrad(
    dx: number,
    dp: number,
    y: number,
    grad: number,
    dh: number,
    before: number,
    rows: number,
    hidden: number,
  ): void;
}
