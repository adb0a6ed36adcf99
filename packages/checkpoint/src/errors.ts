// The errors for files that are not what they claim to be.

/**
 * A file that cannot be read. The message names the file and the byte offset of the first thing
 * that is wrong; both also stand on the error as fields.
 */
export class CheckpointError extends Error {
  override readonly name: string = "CheckpointError";
  /** Path of the file, or a description of the bytes. */
  readonly file: string;
  /** Offset in bytes of what is wrong. */
  readonly offset: number;

  /**
   * @param op - The function that reads, first word of the message.
   * @param file - Path of the file, or a description of the bytes.
   * @param offset - Offset in bytes of what is wrong.
   * @param problem - What is wrong there: "expected 16 bytes, received 9".
   */
  constructor(op: string, file: string, offset: number, problem: string, options?: ErrorOptions) {
    super(`${op}: Cannot read ${file}: at byte ${offset}: ${problem}`, options);
    this.file = file;
    this.offset = offset;
  }
}

/** A safetensors file or checkpoint that cannot be read. */
export class SafetensorsError extends CheckpointError {
  override readonly name: string = "SafetensorsError";
}

/** A file of PyTorch's that cannot be read: damaged, or holding what no allow-list lets through. */
export class TorchFileError extends CheckpointError {
  override readonly name: string = "TorchFileError";
  /** The Python name that was refused, such as `"os.system"`, where that is the reason. */
  readonly refused: string | undefined;

  constructor(
    op: string,
    file: string,
    offset: number,
    problem: string,
    { refused, ...options }: ErrorOptions & { readonly refused?: string } = {},
  ) {
    super(op, file, offset, problem, options);
    this.refused = refused;
  }
}
