// What recurrent layers do to one step's rows between the products: gates, cells and their gradients, in place. Rows hold
// each gate's `hidden` floats, a multiple of 8, side by side; what pads them is zero and stays so.
// Functions are in loops of their own, two vectors at a time: their chains are long, and engines reorder only so far.
import { splat } from "./common";
import { at, sigmoidNear4, tanh4 } from "./math";

const WIDEST = memory.data<f32>([86]);

/** 1 / (1 + e^-x), and 0 where it is below 1e-37: 0 times an infinite state is NaN. */
@inline
function gate4(x: v128): v128 {
  const least = f32x4.neg(at(WIDEST));
  const y = sigmoidNear4(f32x4.pmax(f32x4.pmin(x, at(WIDEST)), least));
  return v128.andnot(y, f32x4.lt(x, least));
}

/** z = sigmoid z */
@inline
function gates(z: usize, end: usize): void {
  for (; z < end; z += 32) {
    const a = gate4(v128.load(z)), b = gate4(v128.load(z, 16));
    v128.store(z, a);
    v128.store(z, b, 16);
  }
}

/** to = tanh z */
@inline
function tanhs(to: usize, z: usize, end: usize): void {
  for (; z < end; z += 32) {
    const a = tanh4(v128.load(z)), b = tanh4(v128.load(z, 16));
    v128.store(to, a);
    v128.store(to, b, 16);
    to += 32;
  }
}

@inline
function sigmoidSlope(grad: v128, y: v128): v128 {
  return f32x4.mul(grad, f32x4.mul(y, f32x4.sub(splat(1), y)));
}

@inline
function tanhSlope(grad: v128, y: v128): v128 {
  return f32x4.mul(grad, f32x4.sub(splat(1), f32x4.mul(y, y)));
}

/** h = tanh z or relu z for `count` floats. */
export function rnnStep(h: usize, z: usize, count: i32, relu: i32): void {
  const end = z + ((<usize>count) << 2);
  if (!relu) tanhs(h, z, end);
  else
    for (; z < end; z += 16) {
      v128.store(h, f32x4.max(v128.load(z), splat(0)));
      h += 16;
    }
}

/** dz = (grad + dh) f'(z) from y = f(z), to grad. */
export function rnnStepGrad(grad: usize, dh: usize, y: usize, count: i32, relu: i32): void {
  const end = grad + ((<usize>count) << 2);
  for (; grad < end; grad += 16) {
    const g = f32x4.add(v128.load(grad), v128.load(dh));
    const value = v128.load(y);
    v128.store(grad, relu ? f32x4.mul(g, v128.and(f32x4.gt(value, splat(0)), splat(1))) : tanhSlope(g, value));
    dh += 16;
    y += 16;
  }
}

/** Gates z [rows, 4, hidden] become their activations; c and h [rows, hidden] the next step's. */
export function lstmStep(z: usize, c: usize, h: usize, rows: i32, hidden: i32): void {
  const gate = (<usize>hidden) << 2;
  for (let row = 0; row < rows; row++) {
    const end = z + gate;
    gates(z, z + gate * 2);
    tanhs(z + gate * 2, z + gate * 2, z + gate * 3);
    gates(z + gate * 3, z + gate * 4);
    for (; z < end; z += 16) {
      const fresh = f32x4.mul(v128.load(z), v128.load(z + gate * 2));
      const cell = f32x4.add(f32x4.mul(v128.load(z + gate), v128.load(c)), fresh);
      v128.store(c, cell);
      v128.store(h, f32x4.mul(v128.load(z + gate * 3), tanh4(cell)));
      c += 16;
      h += 16;
    }
    z += gate * 3;
  }
}

/**
 * Activations z [rows, 4, hidden] become the gates' gradients, dc [rows, hidden] the gradient of the cells before. `dh` is what
 * comes from the step after, `grad` what comes for the step's own h and `more`, if any, for its cells; `cell` and `before` are its cells and those
 * before.
 */
export function lstmStepGrad(
  z: usize, grad: usize, more: usize, dh: usize, dc: usize, cell: usize, before: usize, rows: i32, hidden: i32,
): void {
  const gate = (<usize>hidden) << 2;
  for (let row = 0; row < rows; row++) {
    const end = z + gate;
    for (; z < end; z += 16) {
      const i = v128.load(z);
      const f = v128.load(z + gate);
      const g = v128.load(z + gate * 2);
      const o = v128.load(z + gate * 3);
      const m = f32x4.add(v128.load(grad), v128.load(dh));
      const t = tanh4(v128.load(cell));
      let d = f32x4.add(v128.load(dc), f32x4.mul(o, tanhSlope(m, t)));
      if (more) {
        d = f32x4.add(d, v128.load(more));
        more += 16;
      }
      v128.store(z, sigmoidSlope(f32x4.mul(d, g), i));
      v128.store(z + gate, sigmoidSlope(f32x4.mul(d, v128.load(before)), f));
      v128.store(z + gate * 2, tanhSlope(f32x4.mul(d, i), g));
      v128.store(z + gate * 3, sigmoidSlope(f32x4.mul(m, t), o));
      v128.store(dc, f32x4.mul(d, f));
      grad += 16;
      dh += 16;
      dc += 16;
      cell += 16;
      before += 16;
    }
    z += gate * 3;
  }
}

/** x [rows, 3, hidden] and the products p [rows, 3, hidden] give r, z, n, hn to `to` [rows, 4, hidden], and the next h. */
export function gruStep(to: usize, x: usize, p: usize, h: usize, rows: i32, hidden: i32): void {
  const gate = (<usize>hidden) << 2;
  for (let row = 0; row < rows; row++) {
    for (let i: usize = 0; i < gate * 2; i += 32) {
      const a = gate4(f32x4.add(v128.load(x + i), v128.load(p + i)));
      const b = gate4(f32x4.add(v128.load(x + i, 16), v128.load(p + i, 16)));
      v128.store(to + i, a);
      v128.store(to + i, b, 16);
    }
    x += gate * 2;
    p += gate * 2;
    const end = to + gate;
    for (; to < end; to += 16) {
      const hn = v128.load(p);
      const n = tanh4(f32x4.add(v128.load(x), f32x4.mul(v128.load(to), hn)));
      v128.store(to + gate * 2, n);
      v128.store(to + gate * 3, hn);
      v128.store(h, f32x4.add(n, f32x4.mul(v128.load(to + gate), f32x4.sub(v128.load(h), n))));
      x += 16;
      p += 16;
      h += 16;
    }
    to += gate * 3;
  }
}

/**
 * From r, z, n, hn in y [rows, 4, hidden]: gradients of the gates to dx and of the products to dp [rows, 3, hidden], and to dh
 * [rows, hidden] what passes to the state before past the products.
 */
export function gruStepGrad(
  dx: usize, dp: usize, y: usize, grad: usize, dh: usize, before: usize, rows: i32, hidden: i32,
): void {
  const gate = (<usize>hidden) << 2;
  for (let row = 0; row < rows; row++) {
    const end = y + gate;
    for (; y < end; y += 16) {
      const r = v128.load(y);
      const z = v128.load(y + gate);
      const n = v128.load(y + gate * 2);
      const g = f32x4.add(v128.load(grad), v128.load(dh));
      const dn = tanhSlope(f32x4.mul(g, f32x4.sub(splat(1), z)), n);
      const dr = sigmoidSlope(f32x4.mul(dn, v128.load(y + gate * 3)), r);
      const dz = sigmoidSlope(f32x4.mul(g, f32x4.sub(v128.load(before), n)), z);
      v128.store(dx, dr);
      v128.store(dx + gate, dz);
      v128.store(dx + gate * 2, dn);
      v128.store(dp, dr);
      v128.store(dp + gate, dz);
      v128.store(dp + gate * 2, f32x4.mul(dn, r));
      v128.store(dh, f32x4.mul(g, z));
      dx += 16;
      dp += 16;
      grad += 16;
      dh += 16;
      before += 16;
    }
    y += gate * 3;
    dx += gate * 2;
    dp += gate * 2;
  }
}
