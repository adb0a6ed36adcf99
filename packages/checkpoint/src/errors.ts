// The error for a file that is not what it claims to be.

/**
 * A safetensors file or checkpoint that cannot be read. The message names the file and the byte
 * offset of the first thing that is wrong; both also stand on the error as fields.
 */
export class SafetensorsError extends Error {
  override readonly name: string = "SafetensorsError";
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
