// Helpers shared by all kernels. Pointers are byte addresses; counts are elements. This is AssemblyScript, not TypeScript:
// it is compiled by tools/build-assembly.mjs, once for plain SIMD and once for relaxed SIMD.

/** Rows of the matmul register tile: six fit in the registers where multiply-add is one instruction. */
export const MATMUL_ROWS: i32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 4;

/** This thread's own scratch area, of 1 MiB. Memory may be shared, globals are not: static data must hold constants only. */
export let scratch: usize = 0;

/** Tells this instance where its scratch area lies. */
export function setScratch(address: usize): void {
  scratch = address;
}

/** a * b + c, in one rounding where the relaxed build's engine has a fused multiply-add. */
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  else return f32x4.add(f32x4.mul(a, b), c);
}

@inline
export function splat(value: f32): v128 {
  return f32x4.splat(value);
}

/** Adds eight floats to memory. Tiles start from zero and add at the end: shorter chains of rounding. */
@inline
export function add(to: usize, low: v128, high: v128): void {
  v128.store(to, f32x4.add(v128.load(to), low));
  v128.store(to, f32x4.add(v128.load(to, 16), high), 16);
}

/** The first `count` (1 to 4) lanes of `value` to memory. */
@inline
export function storeLanes(to: usize, value: v128, count: i32): void {
  if (count >= 4) {
    v128.store(to, value);
    return;
  }
  store<f32>(to, f32x4.extract_lane(value, 0));
  if (count > 1) store<f32>(to, f32x4.extract_lane(value, 1), 4);
  if (count > 2) store<f32>(to, f32x4.extract_lane(value, 2), 8);
}

/** The first `count` (1 to 4) floats at `from`; the other lanes are `fill`. Reads nothing beyond them. */
@inline
export function loadLanes(from: usize, count: i32, fill: f32): v128 {
  if (count >= 4) return v128.load(from);
  let v = f32x4.splat(fill);
  v = f32x4.replace_lane(v, 0, load<f32>(from));
  if (count > 1) v = f32x4.replace_lane(v, 1, load<f32>(from, 4));
  if (count > 2) v = f32x4.replace_lane(v, 2, load<f32>(from, 8));
  return v;
}

/** The sum of the four lanes, pairwise. */
@inline
export function sumLanes(v: v128): f32 {
  return (
    f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
  );
}

@inline
export function maxLanes(v: v128): f32 {
  return max(
    max(f32x4.extract_lane(v, 0), f32x4.extract_lane(v, 1)),
    max(f32x4.extract_lane(v, 2), f32x4.extract_lane(v, 3)),
  );
}

@inline
export function minLanes(v: v128): f32 {
  return min(
    min(f32x4.extract_lane(v, 0), f32x4.extract_lane(v, 1)),
    min(f32x4.extract_lane(v, 2), f32x4.extract_lane(v, 3)),
  );
}
