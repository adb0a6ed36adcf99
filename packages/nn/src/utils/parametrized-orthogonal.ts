// The parametrization behind `parametrizations.orthogonal()`.
import { cat, eye, noGrad, type Tensor, UnsupportedError } from "@tead/tensor";
import { orthonormalColumns, type Reflection, reflected, reflections } from "../init/orthogonal.ts";
import { Module } from "../module/module.ts";
import { buffer, type ModuleBuffer } from "../parameter.ts";
import { matrixExp, solveDefinite } from "./matrix-functions.ts";

/** How a free matrix becomes an orthogonal one. */
export type OrthogonalMap = "matrixExp" | "cayley" | "householder";
/** All maps. */
export const orthogonalMaps: readonly OrthogonalMap[] = ["matrixExp", "cayley", "householder"];

/** An orthogonal matrix, or several, from free numbers below the diagonal. */
export class _Orthogonal extends Module {
  /** What the map's result is multiplied with: the values at the start. */
  readonly base?: ModuleBuffer;
  private readonly shape: readonly number[];
  private readonly map: OrthogonalMap;
  private readonly based: boolean;

  constructor(shape: readonly number[], map: OrthogonalMap, based: boolean) {
    super();
    this.shape = shape;
    this.map = map;
    this.based = based;
  }

  override forward(x: Tensor): Tensor {
    const wide = x.size(-2) < x.size(-1);
    const tall = wide ? x.mT : x;
    const q = this.map === "householder" ? product(tall) : this.ofSkew(tall);
    const result = this.base === undefined ? q : this.base.matmul(q);
    return wide ? result.mT : result;
  }
  /** By a skew matrix a with x below the diagonal: e^a, or (1 - a/2)^-1 (1 + a/2). */
  private ofSkew(x: Tensor): Tensor {
    const [n, k] = [x.size(-2), x.size(-1)];
    const lower = x.tril();
    const zeros = x.newZeros([...x.shape.slice(0, -1), n - k]);
    const whole = n === k ? lower : cat([lower, zeros], -1);
    const a = whole.sub(whole.mT);
    if (this.map === "matrixExp") return matrixExp(a).narrow(-1, 0, k);
    const one = eye(n, a);
    return solveDefinite(one.sub(a.div(2)), one.add(a.div(2))).narrow(-1, 0, k);
  }

  rightInverse(value: Tensor): Tensor {
    return noGrad(() => {
      const wide = value.size(-2) < value.size(-1);
      const q = wide ? value.mT : value;
      if (this.based) return this.rebase(q, value);
      if (this.map !== "householder")
        throw new UnsupportedError(
          `orthogonal: Cannot assign by ${this.map} without trivialization: expected householder`,
        );
      const factors = packed(q);
      return wide ? factors.mT : factors;
    });
  }
  /** Makes the values the base, completed to a square, and starts from the identity. */
  private rebase(q: Tensor, value: Tensor): Tensor {
    const [n, k] = [q.size(-2), q.size(-1)];
    const rest = (): Tensor => q.newEmpty([...q.shape.slice(0, -1), n - k]).normal_(0, 1);
    const base = orthonormalColumns(n === k ? q : cat([q, rest()], -1));
    Object.defineProperty(this, "base", {
      ...{ value: buffer(base), writable: true, enumerable: true, configurable: true },
    });
    return eye(value.size(-2), value.size(-1), value).neg().expand(this.shape).contiguous();
  }
}

/** The product of the reflections whose vectors stand below the diagonal, with its signs. */
function product(x: Tensor): Tensor {
  const [n, k] = [x.size(-2), x.size(-1)];
  const one = eye(n, k, x);
  const lower = x.tril(-1);
  const factors = lower.square().sum(-2, { keepDim: true }).add(1).reciprocal().mul(2);
  let q = one.expand(x.shape);
  for (let i = k - 1; i >= 0; i--) {
    const v = lower.narrow(-1, i, 1).add(one.narrow(-1, i, 1));
    q = reflected(q, v, factors.narrow(-1, i, 1));
  }
  const signs = x.detach().diagonal({ dim1: -2, dim2: -1 }).trunc();
  return q.mul(signs.unsqueeze(-2));
}

/** R above the diagonal, signs on it, the reflections' vectors below: what `product()` takes. */
function packed(matrix: Tensor): Tensor {
  const [n, k] = [matrix.size(-2), matrix.size(-1)];
  const lead = matrix.shape.slice(0, -2);
  const zeros = (rows: number, columns: number): Tensor =>
    matrix.newZeros([...lead, rows, columns]);
  const found = reflections(matrix);
  const rows = found.map(({ row, sign }: Reflection, i) =>
    cat([zeros(1, i), sign, row.narrow(-1, 1, k - i - 1)], -1),
  );
  const columns = found.map(({ v }, i) => {
    const below = v.narrow(-2, 1, n - i - 1).div(v.narrow(-2, 0, 1));
    return cat([zeros(i + 1, 1), below], -2);
  });
  return cat([...rows, zeros(n - k, k)], -2).add(cat(columns, -1));
}
