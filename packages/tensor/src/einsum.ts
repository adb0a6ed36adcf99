// Einstein's summation: the letters of each operand's dims say what is multiplied and summed.
import { ShapeError } from "./errors.ts";
import type { Tensor } from "./tensor.ts";

/** The letters of one operand; the dims under an ellipsis are numbered from the last. */
type Labels = readonly string[];
interface Term {
  readonly tensor: Tensor;
  readonly labels: Labels;
}

/**
 * Sums of products of the operands' elements along dims named by letters: `"ij,jk->ik"` is a matrix
 * product, `"bij->bji"` a transpose, `"ii"` a trace. Without `->`, letters that occur once are kept,
 * in alphabetical order; `...` stands for dims without letters, which broadcast.
 *
 * Operands are multiplied from left to right; letters that no later operand needs are summed at once.
 *
 * @param equation - letters for each operand, separated by commas, and for the result after `->`
 * @throws {ShapeError} where the letters do not fit the operands
 * @see https://pytorch.org/docs/stable/generated/torch.einsum.html
 * @category Linear algebra
 * @example
 * import assert from "node:assert/strict";
 * import { einsum, setDefaultDevice, tensor } from "@tead/tensor";
 * import { cpu } from "@tead/backend-cpu";
 * setDefaultDevice(cpu());
 * const a = tensor([[1, 2], [3, 4]]);
 * assert.deepEqual(einsum("ij,j->i", a, tensor([1, 1])).tolistSync(), [3, 7]);
 * assert.deepEqual(einsum("ii", a).itemSync(), 5);
 */
export function einsum(equation: string, ...operands: readonly Tensor[]): Tensor {
  const [left = "", right] = equation.replaceAll(" ", "").split("->");
  const inputs = left.split(",");
  if (inputs.length !== operands.length)
    throw new ShapeError(
      `einsum: Operands do not fit: expected ${inputs.length} for "${equation}", ` +
        `received ${operands.length}`,
    );
  const terms = operands.map((tensor, i) => {
    const labels = labelsOf(inputs[i] as string, tensor.ndim);
    return withoutRepeats({ tensor, labels });
  });
  const output = outputLabels(right, inputs, terms);
  let result = terms[0] as Term;
  for (let i = 1; i < terms.length; i++) {
    const later = new Set([...output, ...terms.slice(i + 1).flatMap(({ labels }) => labels)]);
    result = contract(result, terms[i] as Term, later);
  }
  return arranged(result, output, equation);
}

/** One label a dim; those of the ellipsis are ".0", ".1", ... counted from its last dim. */
function labelsOf(letters: string, rank: number): Labels {
  const [before = "", after, extra] = letters.split("...");
  const named = before.length + (after?.length ?? 0);
  const hidden = rank - named;
  const valid = /^[A-Za-z]*$/.test(before + (after ?? "")) && extra === undefined;
  if (!valid || hidden < 0 || (after === undefined && hidden !== 0))
    throw new ShapeError(
      `einsum: Letters do not fit: expected ${rank} dims in "${letters}", received ${named}`,
    );
  const dots = Array.from({ length: hidden }, (_, i) => `.${hidden - 1 - i}`);
  return [...before, ...dots, ...(after ?? "")];
}

function outputLabels(
  right: string | undefined,
  inputs: readonly string[],
  terms: readonly Term[],
): Labels {
  const all = terms.flatMap(({ labels }) => labels);
  const dots = [...new Set(all.filter((label) => label.startsWith(".")))].sort(
    (a, b) => Number(b.slice(1)) - Number(a.slice(1)),
  );
  if (right === undefined) {
    const letters = inputs.join("").replaceAll(/[^A-Za-z]/g, "");
    const once = [...new Set(letters)].filter((c) => letters.split(c).length === 2);
    return [...dots, ...once.sort()];
  }
  const labels = right.includes("...")
    ? [...(right.split("...")[0] as string), ...dots, ...(right.split("...")[1] as string)]
    : [...right];
  const unknown = labels.find((label) => !all.includes(label));
  if (unknown !== undefined || new Set(labels).size !== labels.length)
    throw new ShapeError(
      `einsum: Result does not fit: expected each letter of "${right}" once and among the operands`,
    );
  return labels;
}

/** A letter that occurs twice in one operand means its diagonal. */
function withoutRepeats({ tensor, labels }: Term): Term {
  const again = labels.findIndex((label, i) => labels.indexOf(label) < i);
  if (again < 0) return { tensor, labels };
  const label = labels[again] as string;
  const first = labels.indexOf(label);
  if (tensor.size(first) !== tensor.size(again))
    throw differs(label, tensor.size(first), tensor.size(again));
  const diagonal = tensor.diagonal({ dim1: first, dim2: again });
  const rest = labels.filter((_, i) => i !== first && i !== again);
  return withoutRepeats({ tensor: diagonal, labels: [...rest, label] });
}

const differs = (label: string, a: number, b: number): ShapeError =>
  new ShapeError(`einsum: Sizes differ for "${label}": expected ${a}, received ${b}`);

const sizeOf = ({ tensor, labels }: Term, label: string): number =>
  labels.includes(label) ? tensor.size(labels.indexOf(label)) : 1;

/** Sums a term over the labels that `keep` does not name. */
function summed({ tensor, labels }: Term, keep: (label: string) => boolean): Term {
  const gone = labels.flatMap((label, i) => (keep(label) ? [] : [i]));
  if (gone.length === 0) return { tensor, labels };
  return { tensor: tensor.sum(gone, { dtype: tensor.dtype }), labels: labels.filter(keep) };
}

/** The product of two terms, summed over the labels that nothing needs later: one batched matmul. */
function contract(first: Term, second: Term, later: ReadonlySet<string>): Term {
  for (const label of first.labels) {
    const [a, b] = [sizeOf(first, label), sizeOf(second, label)];
    if (second.labels.includes(label) && a !== b && a !== 1 && b !== 1) throw differs(label, a, b);
  }
  const shared = (label: string): boolean =>
    first.labels.includes(label) && second.labels.includes(label);
  const a = summed(first, (label) => later.has(label) || shared(label));
  const b = summed(second, (label) => later.has(label) || shared(label));
  const batch = a.labels.filter((label) => shared(label) && later.has(label));
  const inner = a.labels.filter((label) => shared(label) && !later.has(label));
  const rows = a.labels.filter((label) => !shared(label));
  const columns = b.labels.filter((label) => !shared(label));
  const size = (label: string): number => Math.max(sizeOf(a, label), sizeOf(b, label));
  const count = (labels: Labels): number => labels.reduce((n, label) => n * size(label), 1);
  const shape = (labels: Labels): number[] => labels.map(size);
  // [batch, rows, inner] x [batch, inner, columns] -> [batch, rows, columns]
  const left = ordered(a, [...batch, ...rows, ...inner])
    .expand([...shape(batch), ...shape(rows), ...shape(inner)])
    .reshape([count(batch), count(rows), count(inner)]);
  const right = ordered(b, [...batch, ...inner, ...columns])
    .expand([...shape(batch), ...shape(inner), ...shape(columns)])
    .reshape([count(batch), count(inner), count(columns)]);
  const labels = [...batch, ...rows, ...columns];
  return { tensor: left.bmm(right).reshape(shape(labels)), labels };
}

const ordered = ({ tensor, labels }: Term, target: Labels): Tensor =>
  tensor.permute(target.map((label) => labels.indexOf(label)));

function arranged(term: Term, output: Labels, equation: string): Tensor {
  const kept = summed(term, (label) => output.includes(label));
  if (kept.labels.length !== output.length)
    throw new ShapeError(`einsum: Result does not fit: expected the letters of "${equation}"`);
  return ordered(kept, output);
}
