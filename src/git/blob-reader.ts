import { once } from 'node:events';
import { type Environment, type RunningGit, startGit } from './run.ts';

/** The contents of a blob, or why they cannot be had. */
export type Blob = { readonly bytes: Uint8Array } | { readonly unreadable: string };

/** More than this is not held in memory. */
const LARGEST = 512 * 1024 * 1024;
const LINE_FEED = 0x0a;

/**
 * Reads blobs by their hashes, through one `git cat-file --batch`: exactly the bytes that are committed, without
 * filters and without textconv. What a partial clone lacks is not fetched.
 */
export class BlobReader {
  readonly #git: RunningGit;
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);
  #turn: Promise<unknown> = Promise.resolve();

  /**
   * @param cwd anywhere in the repository, absolute
   * @param inherited true inside a hook
   */
  constructor(cwd: string, env: Environment, inherited: boolean) {
    this.#git = startGit(cwd, ['cat-file', '--batch'], {
      env: { ...env, GIT_NO_LAZY_FETCH: '1' },
      inherited,
    });
    this.#chunks = this.#git.stdout[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
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

  async #readNow(oid: string): Promise<Blob> {
    if (!this.#git.stdin.write(`${oid}\n`)) await once(this.#git.stdin, 'drain');
    const [, type = '', size = ''] = (await this.#line()).split(' ');
    if (type === 'missing' || type === 'ambiguous') return { unreadable: 'this clone does not have it' };
    const length = Number(size);
    const blob = await this.#take(length);
    await this.#take(1);
    if (blob === null) return { unreadable: `it has ${Math.round(length / 1024 / 1024)} MiB` };
    return type === 'blob' ? { bytes: blob } : { unreadable: `it is a ${type}` };
  }

  async #line(): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf(LINE_FEED);
      if (end >= 0) {
        const line = this.#rest.toString('latin1', 0, end);
        this.#rest = this.#rest.subarray(end + 1);
        return line;
      }
      this.#rest = Buffer.concat([this.#rest, await this.#chunk()]);
    }
  }

  /** So many bytes; `null` where they are too many to be kept, and then they are passed over. */
  async #take(length: number): Promise<Buffer | null> {
    const kept: Buffer[] = [];
    let missing = length;
    while (missing > 0) {
      if (this.#rest.length === 0) this.#rest = await this.#chunk();
      const part = this.#rest.subarray(0, missing);
      this.#rest = this.#rest.subarray(part.length);
      missing -= part.length;
      if (length <= LARGEST) kept.push(part);
    }
    return length > LARGEST ? null : Buffer.concat(kept);
  }

  async #chunk(): Promise<Buffer> {
    const { value, done } = await this.#chunks.next();
    if (done !== true) return value;
    const { gitFailed } = await import('./run.ts');
    throw gitFailed('read its objects', await this.#git.ended);
  }
}
