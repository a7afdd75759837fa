const LONGEST_LINE = 4096;

/** Lines and columns of offsets. */
export class BytePlaces {
  readonly #bytes: Buffer;
  readonly #starts: number[] = [0];

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) this.#starts.push(at + 1);
  }

  lineAt(offset: number): number {
    let [low, high] = [0, this.#starts.length];
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  }

  columnAt(offset: number): number {
    const start = this.#starts[this.lineAt(offset) - 1] ?? 0;
    // Nobody counts to a column like that, and a file of one line would be read again for each finding.
    return offset - start > LONGEST_LINE
      ? offset - start + 1
      : this.#bytes.toString('utf8', start, offset).length + 1;
  }
}
