// log, cos and sin in single precision, to the last bit what PyTorch gets from the C library (glibc), and
// the same on every JavaScript engine, where Math.log and its kin may differ. The table and the
// coefficients are those of Arm's Optimized Routines (MIT), which glibc uses.

const word = new Float32Array(1);
const bits = new Int32Array(word.buffer);

// Pairs 1/c, log(c) for a c near the middle of each of 16 intervals from 0.7 to 1.4.
// biome-ignore format: one pair a line
const logTable = new Float64Array([
  1.398907162146528, -0.33569133332882284,
  1.3403141896637998, -0.2929040563774074,
  1.286432210124115, -0.2518726580937369,
  1.2367150214269895, -0.21245868807117255,
  1.1906977166711752, -0.17453945183745634,
  1.1479821020556429, -0.1380057072319758,
  1.1082251448272158, -0.10275976698545139,
  1.0711297413057381, -0.06871392447020525,
  1.036437278977283, -0.0357891387398228,
  1, 0,
  0.9492859795739057, 0.05204517742929496,
  0.8951049428609004, 0.11081431298787942,
  0.8476821620351103, 0.1652495223695143,
  0.8050314851692001, 0.21687389031699977,
  0.7664671008843108, 0.2659635028121397,
  0.731428603316328, 0.3127556664073557,
]);
const lowestInterval = 0x3f330000;

/**
 * log(x) of a positive, normal float32, rounded to float32: x = z 2^k with z in an interval around c,
 * log(x) = log1p(z / c - 1) + log(c) + k log(2).
 */
export function logSingle(x: number): number {
  word[0] = x;
  const offset = bits[0]! - lowestInterval;
  const interval = (offset >> 19) & 15;
  const k = offset >> 23;
  bits[0]! -= k << 23;
  const r = word[0]! * logTable[2 * interval]! - 1;
  const base = logTable[2 * interval + 1]! + k * Math.LN2;
  const square = r * r;
  const tail = -0.25089342214237154 * square + (0.333456765744066 * r - 0.4999997485802103);
  return Math.fround(tail * square + (base + r));
}

/** cos(x) of a float32 in [0, 100], rounded to float32. */
export function cosSingle(x: number): number {
  return quadrant(x, 1);
}

/** sin(x) of a float32 in [0, 100], rounded to float32. */
export function sinSingle(x: number): number {
  return quadrant(x, 0);
}

// x = r + n pi/2 with |r| <= pi/4: sin(x) is sin r, cos r, -sin r, -cos r for n = 0, 1, 2, 3, and
// cos(x) is the next of them.
function quadrant(x: number, shift: number): number {
  const n = Math.floor(x * (2 / Math.PI) + 0.5);
  const r = x - n * (Math.PI / 2);
  const turn = (n + shift) & 3;
  const value = turn & 1 ? cosNear0(r) : sinNear0(r);
  return Math.fround(turn & 2 ? -value : value);
}

function sinNear0(x: number): number {
  const square = x * x;
  const cube = x * square;
  const tail = 0.008332178146138854 + square * -0.00019517298981385725;
  return x + cube * -0.16666654943701084 + cube * square * tail;
}

function cosNear0(x: number): number {
  const square = x * x;
  const fourth = square * square;
  const tail = -0.001388676379437604 + square * 2.4390450703564542e-5;
  return 1 + square * -0.49999999725108224 + fourth * 0.041666623324344516 + fourth * square * tail;
}
