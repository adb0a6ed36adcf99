// The float64 matrix product that other kernels are built on: small dense blocks, two rows by four
// columns at a time in local variables, which the engine keeps in registers.

/** c[m, n] += a[m, k] b[k, n], all dense and row-major from 0 on. */
export function multiplyAdd(
  c: Float64Array,
  a: Float64Array,
  b: Float64Array,
  m: number,
  n: number,
  k: number,
): void {
  const wide = n - (n % 4);
  let i = 0;
  for (; i + 1 < m; i += 2) {
    for (let j = 0; j < wide; j += 4) addTwoByFour(c, a, b, i, j, n, k);
    for (let j = wide; j < n; j++) {
      addOne(c, a, b, i, j, n, k);
      addOne(c, a, b, i + 1, j, n, k);
    }
  }
  if (i === m) return;
  for (let j = 0; j < wide; j += 4) addOneByFour(c, a, b, i, j, n, k);
  for (let j = wide; j < n; j++) addOne(c, a, b, i, j, n, k);
}

function addTwoByFour(
  c: Float64Array,
  a: Float64Array,
  b: Float64Array,
  i: number,
  j: number,
  n: number,
  k: number,
): void {
  let [c00, c01, c02, c03, c10, c11, c12, c13] = [0, 0, 0, 0, 0, 0, 0, 0];
  const first = i * k;
  const second = first + k;
  for (let p = 0, q = j; p < k; p++, q += n) {
    const x = a[first + p] as number;
    const y = a[second + p] as number;
    const b0 = b[q] as number;
    const b1 = b[q + 1] as number;
    const b2 = b[q + 2] as number;
    const b3 = b[q + 3] as number;
    c00 += x * b0;
    c01 += x * b1;
    c02 += x * b2;
    c03 += x * b3;
    c10 += y * b0;
    c11 += y * b1;
    c12 += y * b2;
    c13 += y * b3;
  }
  const to = i * n + j;
  c[to] = (c[to] as number) + c00;
  c[to + 1] = (c[to + 1] as number) + c01;
  c[to + 2] = (c[to + 2] as number) + c02;
  c[to + 3] = (c[to + 3] as number) + c03;
  c[to + n] = (c[to + n] as number) + c10;
  c[to + n + 1] = (c[to + n + 1] as number) + c11;
  c[to + n + 2] = (c[to + n + 2] as number) + c12;
  c[to + n + 3] = (c[to + n + 3] as number) + c13;
}

function addOneByFour(
  c: Float64Array,
  a: Float64Array,
  b: Float64Array,
  i: number,
  j: number,
  n: number,
  k: number,
): void {
  let [c0, c1, c2, c3] = [0, 0, 0, 0];
  for (let p = 0, q = j; p < k; p++, q += n) {
    const x = a[i * k + p] as number;
    c0 += x * (b[q] as number);
    c1 += x * (b[q + 1] as number);
    c2 += x * (b[q + 2] as number);
    c3 += x * (b[q + 3] as number);
  }
  const to = i * n + j;
  c[to] = (c[to] as number) + c0;
  c[to + 1] = (c[to + 1] as number) + c1;
  c[to + 2] = (c[to + 2] as number) + c2;
  c[to + 3] = (c[to + 3] as number) + c3;
}

function addOne(
  c: Float64Array,
  a: Float64Array,
  b: Float64Array,
  i: number,
  j: number,
  n: number,
  k: number,
): void {
  let sum = 0;
  for (let p = 0, q = j; p < k; p++, q += n) sum += (a[i * k + p] as number) * (b[q] as number);
  c[i * n + j] = (c[i * n + j] as number) + sum;
}
