// One optional number that may stand bare, as PyTorch's users write it: `Dropout(0.5)`,
// `Softmax(1)`.

/** The options of a layer, whether `name` stands among them or bare before them. */
export function withBare<O extends object>(
  name: keyof O & string,
  first: number | O | undefined,
  rest: NoInfer<O>,
): O {
  if (typeof first === "object") return first;
  return first === undefined ? rest : { ...rest, [name]: first };
}
