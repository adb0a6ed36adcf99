// The methods that reduce, sort, multiply, look at and rearrange tensors, as functions.
import type { ReduceOptions, ValuesAndIndices } from "../methods/reduce.ts";
import type { Operand } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { type Free, free } from "./free.ts";

/** `Tensor.max` as a function; of two operands, `maximum`. @category Reduction */
export function max(input: Tensor): Tensor;
export function max(input: Tensor, dim: number, options?: ReduceOptions): ValuesAndIndices;
export function max(input: Tensor, other: Tensor): Tensor;
export function max(
  input: Tensor,
  second?: number | Operand,
  options?: ReduceOptions,
): Tensor | ValuesAndIndices {
  if (second === undefined) return input.max();
  return typeof second === "number" ? input.max(second, options) : input.maximum(second);
}
/** `Tensor.min` as a function; of two operands, `minimum`. @category Reduction */
export function min(input: Tensor): Tensor;
export function min(input: Tensor, dim: number, options?: ReduceOptions): ValuesAndIndices;
export function min(input: Tensor, other: Tensor): Tensor;
export function min(
  input: Tensor,
  second?: number | Operand,
  options?: ReduceOptions,
): Tensor | ValuesAndIndices {
  if (second === undefined) return input.min();
  return typeof second === "number" ? input.min(second, options) : input.minimum(second);
}
/** `Tensor.median` as a function. @category Sorting */
export function median(input: Tensor): Tensor;
export function median(input: Tensor, dim: number, options?: ReduceOptions): ValuesAndIndices;
export function median(
  input: Tensor,
  dim?: number,
  options?: ReduceOptions,
): Tensor | ValuesAndIndices {
  return dim === undefined ? input.median() : input.median(dim, options);
}
/** A class index as a vector of zeros with a 1 at its place, int32, in a new last dim. @category Indexing */
export function oneHot(index: Tensor, classes: number): Tensor {
  return index.unsqueeze(-1).eq(index.newArange(classes)).to("int32");
}

/** `Tensor.sum` as a function. @category Reduction */
export const sum: Free<"sum"> = /* @__PURE__ */ free("sum");
/** `Tensor.mean` as a function. @category Reduction */
export const mean: Free<"mean"> = /* @__PURE__ */ free("mean");
/** `Tensor.prod` as a function. @category Reduction */
export const prod: Free<"prod"> = /* @__PURE__ */ free("prod");
/** `Tensor.amax` as a function. @category Reduction */
export const amax: Free<"amax"> = /* @__PURE__ */ free("amax");
/** `Tensor.amin` as a function. @category Reduction */
export const amin: Free<"amin"> = /* @__PURE__ */ free("amin");
/** `Tensor.aminmax` as a function. @category Reduction */
export const aminmax: Free<"aminmax"> = /* @__PURE__ */ free("aminmax");
/** `Tensor.argmax` as a function. @category Reduction */
export const argmax: Free<"argmax"> = /* @__PURE__ */ free("argmax");
/** `Tensor.argmin` as a function. @category Reduction */
export const argmin: Free<"argmin"> = /* @__PURE__ */ free("argmin");
/** `Tensor.var` as a function, exported as `var`. @category Reduction */
const variance: Free<"var"> = /* @__PURE__ */ free("var");

export { variance as var };
/** `Tensor.std` as a function. @category Reduction */
export const std: Free<"std"> = /* @__PURE__ */ free("std");
/** `Tensor.varMean` as a function. @category Reduction */
export const varMean: Free<"varMean"> = /* @__PURE__ */ free("varMean");
/** `Tensor.stdMean` as a function. @category Reduction */
export const stdMean: Free<"stdMean"> = /* @__PURE__ */ free("stdMean");
/** `Tensor.all` as a function. @category Reduction */
export const all: Free<"all"> = /* @__PURE__ */ free("all");
/** `Tensor.any` as a function. @category Reduction */
export const any: Free<"any"> = /* @__PURE__ */ free("any");
/** `Tensor.countNonzero` as a function. @category Reduction */
export const countNonzero: Free<"countNonzero"> = /* @__PURE__ */ free("countNonzero");
/** `Tensor.logsumexp` as a function. @category Reduction */
export const logsumexp: Free<"logsumexp"> = /* @__PURE__ */ free("logsumexp");
/** `Tensor.norm` as a function. @category Reduction */
export const norm: Free<"norm"> = /* @__PURE__ */ free("norm");
/** `Tensor.nansum` as a function. @category Reduction */
export const nansum: Free<"nansum"> = /* @__PURE__ */ free("nansum");
/** `Tensor.nanmean` as a function. @category Reduction */
export const nanmean: Free<"nanmean"> = /* @__PURE__ */ free("nanmean");
/** `Tensor.cumsum` as a function. @category Reduction */
export const cumsum: Free<"cumsum"> = /* @__PURE__ */ free("cumsum");
/** `Tensor.cumprod` as a function. @category Reduction */
export const cumprod: Free<"cumprod"> = /* @__PURE__ */ free("cumprod");
/** `Tensor.logcumsumexp` as a function. @category Reduction */
export const logcumsumexp: Free<"logcumsumexp"> = /* @__PURE__ */ free("logcumsumexp");
/** `Tensor.cummax` as a function. @category Reduction */
export const cummax: Free<"cummax"> = /* @__PURE__ */ free("cummax");
/** `Tensor.cummin` as a function. @category Reduction */
export const cummin: Free<"cummin"> = /* @__PURE__ */ free("cummin");
/** `Tensor.sort` as a function. @category Sorting */
export const sort: Free<"sort"> = /* @__PURE__ */ free("sort");
/** `Tensor.argsort` as a function. @category Sorting */
export const argsort: Free<"argsort"> = /* @__PURE__ */ free("argsort");
/** `Tensor.topk` as a function. @category Sorting */
export const topk: Free<"topk"> = /* @__PURE__ */ free("topk");
/** `Tensor.kthvalue` as a function. @category Sorting */
export const kthvalue: Free<"kthvalue"> = /* @__PURE__ */ free("kthvalue");
/** `Tensor.unique` as a function. @category Sorting */
export const unique: Free<"unique"> = /* @__PURE__ */ free("unique");
/** `Tensor.uniqueConsecutive` as a function. @category Sorting */
export const uniqueConsecutive: Free<"uniqueConsecutive"> =
  /* @__PURE__ */ free("uniqueConsecutive");
/** `Tensor.bucketize` as a function. @category Sorting */
export const bucketize: Free<"bucketize"> = /* @__PURE__ */ free("bucketize");
/** `Tensor.searchsorted` as a function. @category Sorting */
export const searchsorted: Free<"searchsorted"> = /* @__PURE__ */ free("searchsorted");
/** `Tensor.matmul` as a function. @category Linear algebra */
export const matmul: Free<"matmul"> = /* @__PURE__ */ free("matmul");
/** `Tensor.mm` as a function. @category Linear algebra */
export const mm: Free<"mm"> = /* @__PURE__ */ free("mm");
/** `Tensor.bmm` as a function. @category Linear algebra */
export const bmm: Free<"bmm"> = /* @__PURE__ */ free("bmm");
/** `Tensor.mv` as a function. @category Linear algebra */
export const mv: Free<"mv"> = /* @__PURE__ */ free("mv");
/** `Tensor.dot` as a function. @category Linear algebra */
export const dot: Free<"dot"> = /* @__PURE__ */ free("dot");
/** `Tensor.outer` as a function. @category Linear algebra */
export const outer: Free<"outer"> = /* @__PURE__ */ free("outer");
/** `Tensor.inner` as a function. @category Linear algebra */
export const inner: Free<"inner"> = /* @__PURE__ */ free("inner");
/** `Tensor.addmm` as a function. @category Linear algebra */
export const addmm: Free<"addmm"> = /* @__PURE__ */ free("addmm");
/** `Tensor.addmv` as a function. @category Linear algebra */
export const addmv: Free<"addmv"> = /* @__PURE__ */ free("addmv");
/** `Tensor.addr` as a function. @category Linear algebra */
export const addr: Free<"addr"> = /* @__PURE__ */ free("addr");
/** `Tensor.baddbmm` as a function. @category Linear algebra */
export const baddbmm: Free<"baddbmm"> = /* @__PURE__ */ free("baddbmm");
/** `Tensor.addbmm` as a function. @category Linear algebra */
export const addbmm: Free<"addbmm"> = /* @__PURE__ */ free("addbmm");
/** `Tensor.trace` as a function. @category Linear algebra */
export const trace: Free<"trace"> = /* @__PURE__ */ free("trace");
/** `Tensor.kron` as a function. @category Linear algebra */
export const kron: Free<"kron"> = /* @__PURE__ */ free("kron");
/** `Tensor.cross` as a function. @category Linear algebra */
export const cross: Free<"cross"> = /* @__PURE__ */ free("cross");
/** `Tensor.matrixPower` as a function. @category Linear algebra */
export const matrixPower: Free<"matrixPower"> = /* @__PURE__ */ free("matrixPower");
/** `Tensor.softmax` as a function. @category Activation */
export const softmax: Free<"softmax"> = /* @__PURE__ */ free("softmax");
/** `Tensor.logSoftmax` as a function. @category Activation */
export const logSoftmax: Free<"logSoftmax"> = /* @__PURE__ */ free("logSoftmax");
/** `Tensor.reshape` as a function. @category View */
export const reshape: Free<"reshape"> = /* @__PURE__ */ free("reshape");
/** `Tensor.flatten` as a function. @category View */
export const flatten: Free<"flatten"> = /* @__PURE__ */ free("flatten");
/** `Tensor.unflatten` as a function. @category View */
export const unflatten: Free<"unflatten"> = /* @__PURE__ */ free("unflatten");
/** `Tensor.transpose` as a function. @category View */
export const transpose: Free<"transpose"> = /* @__PURE__ */ free("transpose");
/** `Tensor.t` as a function. @category View */
export const t: Free<"t"> = /* @__PURE__ */ free("t");
/** `Tensor.permute` as a function. @category View */
export const permute: Free<"permute"> = /* @__PURE__ */ free("permute");
/** `Tensor.movedim` as a function. @category View */
export const movedim: Free<"movedim"> = /* @__PURE__ */ free("movedim");
/** `Tensor.squeeze` as a function. @category View */
export const squeeze: Free<"squeeze"> = /* @__PURE__ */ free("squeeze");
/** `Tensor.unsqueeze` as a function. @category View */
export const unsqueeze: Free<"unsqueeze"> = /* @__PURE__ */ free("unsqueeze");
/** `Tensor.select` as a function. @category View */
export const select: Free<"select"> = /* @__PURE__ */ free("select");
/** `Tensor.narrow` as a function. @category View */
export const narrow: Free<"narrow"> = /* @__PURE__ */ free("narrow");
/** `Tensor.diagonal` as a function. @category View */
export const diagonal: Free<"diagonal"> = /* @__PURE__ */ free("diagonal");
/** `Tensor.unbind` as a function. @category View */
export const unbind: Free<"unbind"> = /* @__PURE__ */ free("unbind");
/** `Tensor.split` as a function. @category View */
export const split: Free<"split"> = /* @__PURE__ */ free("split");
/** `Tensor.chunk` as a function. @category View */
export const chunk: Free<"chunk"> = /* @__PURE__ */ free("chunk");
/** `Tensor.indexSelect` as a function. @category Indexing */
export const indexSelect: Free<"indexSelect"> = /* @__PURE__ */ free("indexSelect");
/** `Tensor.gather` as a function. @category Indexing */
export const gather: Free<"gather"> = /* @__PURE__ */ free("gather");
/** `Tensor.scatter` as a function. @category Indexing */
export const scatter: Free<"scatter"> = /* @__PURE__ */ free("scatter");
/** `Tensor.scatterAdd` as a function. @category Indexing */
export const scatterAdd: Free<"scatterAdd"> = /* @__PURE__ */ free("scatterAdd");
/** `Tensor.indexAdd` as a function. @category Indexing */
export const indexAdd: Free<"indexAdd"> = /* @__PURE__ */ free("indexAdd");
/** `Tensor.indexCopy` as a function. @category Indexing */
export const indexCopy: Free<"indexCopy"> = /* @__PURE__ */ free("indexCopy");
/** `Tensor.indexFill` as a function. @category Indexing */
export const indexFill: Free<"indexFill"> = /* @__PURE__ */ free("indexFill");
/** `Tensor.take` as a function. @category Indexing */
export const take: Free<"take"> = /* @__PURE__ */ free("take");
/** `Tensor.takeAlongDim` as a function. @category Indexing */
export const takeAlongDim: Free<"takeAlongDim"> = /* @__PURE__ */ free("takeAlongDim");
/** `Tensor.maskedFill` as a function. @category Indexing */
export const maskedFill: Free<"maskedFill"> = /* @__PURE__ */ free("maskedFill");
/** `Tensor.maskedScatter` as a function. @category Indexing */
export const maskedScatter: Free<"maskedScatter"> = /* @__PURE__ */ free("maskedScatter");
/** `Tensor.maskedSelect` as a function. @category Indexing */
export const maskedSelect: Free<"maskedSelect"> = /* @__PURE__ */ free("maskedSelect");
/** `Tensor.nonzero` as a function. @category Indexing */
export const nonzero: Free<"nonzero"> = /* @__PURE__ */ free("nonzero");
/** `Tensor.flip` as a function. @category Indexing */
export const flip: Free<"flip"> = /* @__PURE__ */ free("flip");
/** `Tensor.repeatInterleave` as a function. @category Arranging */
export const repeatInterleave: Free<"repeatInterleave"> = /* @__PURE__ */ free("repeatInterleave");
/** `Tensor.tile` as a function. @category Arranging */
export const tile: Free<"tile"> = /* @__PURE__ */ free("tile");
/** `Tensor.roll` as a function. @category Arranging */
export const roll: Free<"roll"> = /* @__PURE__ */ free("roll");
/** `Tensor.rot90` as a function. @category Arranging */
export const rot90: Free<"rot90"> = /* @__PURE__ */ free("rot90");
/** `Tensor.fliplr` as a function. @category Arranging */
export const fliplr: Free<"fliplr"> = /* @__PURE__ */ free("fliplr");
/** `Tensor.flipud` as a function. @category Arranging */
export const flipud: Free<"flipud"> = /* @__PURE__ */ free("flipud");
/** `Tensor.tril` as a function. @category Arranging */
export const tril: Free<"tril"> = /* @__PURE__ */ free("tril");
/** `Tensor.triu` as a function. @category Arranging */
export const triu: Free<"triu"> = /* @__PURE__ */ free("triu");
/** `Tensor.diag` as a function. @category Arranging */
export const diag: Free<"diag"> = /* @__PURE__ */ free("diag");
/** `Tensor.diagflat` as a function. @category Arranging */
export const diagflat: Free<"diagflat"> = /* @__PURE__ */ free("diagflat");
/** `Tensor.diagEmbed` as a function. @category Arranging */
export const diagEmbed: Free<"diagEmbed"> = /* @__PURE__ */ free("diagEmbed");
/** `Tensor.pad` as a function. @category Arranging */
export const pad: Free<"pad"> = /* @__PURE__ */ free("pad");
/** `Tensor.clone` as a function. @category Conversion */
export const clone: Free<"clone"> = /* @__PURE__ */ free("clone");
/** `Tensor.diff` as a function. @category Statistics */
export const diff: Free<"diff"> = /* @__PURE__ */ free("diff");
/** `Tensor.cov` as a function. @category Statistics */
export const cov: Free<"cov"> = /* @__PURE__ */ free("cov");
/** `Tensor.corrcoef` as a function. @category Statistics */
export const corrcoef: Free<"corrcoef"> = /* @__PURE__ */ free("corrcoef");
/** `Tensor.quantile` as a function. @category Statistics */
export const quantile: Free<"quantile"> = /* @__PURE__ */ free("quantile");
/** `Tensor.nanquantile` as a function. @category Statistics */
export const nanquantile: Free<"nanquantile"> = /* @__PURE__ */ free("nanquantile");
/** `Tensor.mode` as a function. @category Statistics */
export const mode: Free<"mode"> = /* @__PURE__ */ free("mode");
/** `Tensor.bincount` as a function. @category Statistics */
export const bincount: Free<"bincount"> = /* @__PURE__ */ free("bincount");
/** `Tensor.histc` as a function. @category Statistics */
export const histc: Free<"histc"> = /* @__PURE__ */ free("histc");
/** `Tensor.dist` as a function. @category Statistics */
export const dist: Free<"dist"> = /* @__PURE__ */ free("dist");
/** `Tensor.renorm` as a function. @category Statistics */
export const renorm: Free<"renorm"> = /* @__PURE__ */ free("renorm");
/** `Tensor.sliceScatter` as a function. @category Indexing */
export const sliceScatter: Free<"sliceScatter"> = /* @__PURE__ */ free("sliceScatter");
/** `Tensor.selectScatter` as a function. @category Indexing */
export const selectScatter: Free<"selectScatter"> = /* @__PURE__ */ free("selectScatter");
/** `Tensor.diagonalScatter` as a function. @category Indexing */
export const diagonalScatter: Free<"diagonalScatter"> = /* @__PURE__ */ free("diagonalScatter");
/** `Tensor.ravel` as a function. @category View */
export const ravel: Free<"ravel"> = /* @__PURE__ */ free("ravel");
/** `Tensor.argwhere` as a function. @category Indexing */
export const argwhere: Free<"argwhere"> = /* @__PURE__ */ free("argwhere");
/** `Tensor.vdot` as a function. @category Linear algebra */
export const vdot: Free<"vdot"> = /* @__PURE__ */ free("vdot");
