import { type Environment, gitFailed, type RunningGit, startGit } from './run.ts';

/** The contents of a blob, or why they cannot be had. */
export type Blob = { readonly bytes: Uint8Array } | { readonly unreadable: string };

/** More than this is not held in memory. */
const LARGEST = 512 * 1024 * 1024;
/** So many questions fit into a pipe, whatever git does. */
const MOST_ASKED = 256;
/** Of blobs that came before they were wanted, in bytes. */
const MOST_KEPT = 64 * 1024 * 1024;
const LINE_FEED = 0x0a;
const NOT_HERE: Blob = { unreadable: 'this clone does not have it' };

/**
 * Reads blobs by their hashes, through one `git cat-file --batch`: exactly the bytes that are committed, without
 * filters and without textconv. What a partial clone lacks is not fetched.
 */
export class BlobReader {
  readonly #start: () => RunningGit;
  readonly #largest: number;
  #git: RunningGit;
  #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);
  /** What git was asked and has not answered, or its answer was not read. */
  #asked: string[] = [];
  /** Answers that stood before one that was wanted sooner. */
  readonly #kept = new Map<string, Blob>();
  #keptBytes = 0;
  #turn: Promise<unknown> = Promise.resolve();

  /**
   * @param cwd anywhere in the repository, absolute
   * @param inherited true inside a hook
   * @param largest a bigger blob is passed over, in bytes
   */
  constructor(cwd: string, env: Environment, inherited: boolean, largest = LARGEST) {
    const options = { env: { ...env, GIT_NO_LAZY_FETCH: '1' }, inherited };
    this.#start = () => startGit(cwd, ['cat-file', '--batch'], options);
    this.#largest = largest;
    this.#git = this.#start();
    this.#chunks = chunksOf(this.#git);
  }

  /**
   * Asks for blobs that will be read next, in this order, so that git need not wait for each question. A hint: what is
   * not read does no harm.
   */
  prefetch(oids: readonly string[]): void {
    this.#ask(oids.slice(0, MOST_ASKED - this.#asked.length));
  }

  /** @throws SecretsError `PROGRAM_FAILED` where git ends before it has answered */
  read(oid: string): Promise<Blob> {
    const begin = () => this.#readNow(oid);
    const blob = this.#turn.then(begin, begin);
    this.#turn = blob.catch(() => undefined);
    return blob;
  }

  /** Lets git end. */
  async close(): Promise<void> {
    this.#git.stdin.end();
    await this.#git.ended.catch(() => undefined);
  }

  #ask(oids: readonly string[]): void {
    if (oids.length === 0) return;
    this.#asked.push(...oids);
    this.#git.stdin.write(oids.map(oid => `${oid}\n`).join(''));
  }

  async #readNow(oid: string): Promise<Blob> {
    const kept = this.#kept.get(oid);
    if (kept !== undefined) {
      this.#forget(oid, kept);
      return kept;
    }
    if (!this.#asked.includes(oid)) this.#ask([oid]);
    for (;;) {
      const next = this.#asked.shift() ?? oid;
      const blob = await this.#answer();
      if (next === oid) return blob;
      this.#keep(next, blob);
    }
  }

  /** What is too much to be kept is asked for again. */
  #keep(oid: string, blob: Blob): void {
    const size = sizeOf(blob);
    if (this.#kept.has(oid) || this.#keptBytes + size > MOST_KEPT) return;
    this.#kept.set(oid, blob);
    this.#keptBytes += size;
  }

  #forget(oid: string, blob: Blob): void {
    this.#kept.delete(oid);
    this.#keptBytes -= sizeOf(blob);
  }

  async #answer(): Promise<Blob> {
    const header = await this.#line();
    if (header === null) return this.#again();
    const [, type = '', size = ''] = header.split(' ');
    if (type === 'missing' || type === 'ambiguous') return NOT_HERE;
    const length = Number(size);
    const blob = await this.#take(length);
    await this.#take(1);
    if (blob === null) return { unreadable: `it has ${Math.round(length / 1024 / 1024)} MiB` };
    return type === 'blob' ? { bytes: blob } : { unreadable: `it is a ${type}` };
  }

  /** Git ends over a blob that it was not allowed to fetch. It is started once more for those behind it. */
  async #again(): Promise<Blob> {
    const ended = await this.#git.ended;
    if (!/from promisor remote/.test(ended.stderr)) throw gitFailed('read its objects', ended);
    this.#git = this.#start();
    this.#chunks = chunksOf(this.#git);
    this.#ask(this.#asked.splice(0));
    return NOT_HERE;
  }

  /** The line that tells what comes; `null`: git has ended. */
  async #line(): Promise<string | null> {
    for (;;) {
      const end = this.#rest.indexOf(LINE_FEED);
      if (end >= 0) {
        const line = this.#rest.toString('latin1', 0, end);
        this.#rest = this.#rest.subarray(end + 1);
        return line;
      }
      const chunk = await this.#chunk();
      if (chunk === null) return null;
      this.#rest = Buffer.concat([this.#rest, chunk]);
    }
  }

  /** So many bytes; `null` where they are too many to be kept, and then they are passed over. */
  async #take(length: number): Promise<Buffer | null> {
    const kept: Buffer[] = [];
    let missing = length;
    while (missing > 0) {
      if (this.#rest.length === 0) {
        const chunk = await this.#chunk();
        if (chunk === null) throw gitFailed('read its objects', await this.#git.ended);
        this.#rest = chunk;
      }
      const part = this.#rest.subarray(0, missing);
      this.#rest = this.#rest.subarray(part.length);
      missing -= part.length;
      if (length <= this.#largest) kept.push(part);
    }
    return length > this.#largest ? null : Buffer.concat(kept);
  }

  async #chunk(): Promise<Buffer | null> {
    const { value, done } = await this.#chunks.next();
    return done === true ? null : value;
  }
}

function chunksOf(git: RunningGit): AsyncIterator<Buffer> {
  return git.stdout[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
}

function sizeOf(blob: Blob): number {
  return 'bytes' in blob ? blob.bytes.length : 0;
}
