// The error for a file whose bytes are not what its format promises.

/**
 * A file that cannot be read as what it claims to be. The message names the file and the byte offset of the
 * first thing that is wrong; both also stand on the error as fields.
 */
export class FileFormatError extends Error {
  override readonly name: string = "FileFormatError";
  /** Path, URL or description of the file. */
  readonly file: string;
  /** Offset in bytes of what is wrong. */
  readonly offset: number;

  /**
   * @param op - The function that reads, first word of the message.
   * @param file - Path, URL or description of the file.
   * @param offset - Offset in bytes of what is wrong.
   * @param problem - What is wrong there: "expected 16 bytes, received 9".
   */
  constructor(op: string, file: string, offset: number, problem: string, options?: ErrorOptions) {
    super(`${op}: Cannot read ${file}: at byte ${offset}: ${problem}`, options);
    this.file = file;
    this.offset = offset;
  }
}
