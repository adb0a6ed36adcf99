// What a transform is: an object with `forward`, or a plain function. Types and their one call.

/** Turns one sample into another. */
export interface Transform<In, Out> {
  /** The transformed input. */
  forward(input: In): Out;
}

/** Wherever a transform is expected, a function does as well. */
export type TransformLike<In, Out> = Transform<In, Out> | ((input: In) => Out);

/** `input` through a transform of either form. */
export function applyTransform<In, Out>(transform: TransformLike<In, Out>, input: In): Out {
  return typeof transform === "function" ? transform(input) : transform.forward(input);
}
