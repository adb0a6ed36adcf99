// PyTorch's names as ours.

/** `num_features` -> `numFeatures`, without a leading underscore; PyTorch itself runs "keepdim" together. */
export const camelCase = (name: string): string =>
  name
    .replace(/^_/, "")
    .replace(/^keepdim$/, "keepDim")
    .replace(/(?<=[a-z\d])_([a-z\d])/g, (_, letter: string) => letter.toUpperCase());
