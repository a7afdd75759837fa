import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve, sep } from 'node:path';
import { type Snapshot, snapshot } from './folder-state.ts';
import type { OutputLog, Secret } from './leaks.ts';
import { type Output, Sandbox } from './sandbox.ts';

/** What a script knows between two of its lines. */
export class ScriptState {
  readonly name: string;
  readonly sandbox: Sandbox;
  readonly log: OutputLog;
  readonly secrets: Secret[] = [];
  readonly env: Record<string, string>;
  cwd: string;
  /** The number of the line that runs. */
  line = 0;
  last: Output | null = null;
  /** What the program of the last `pty` left unread. */
  after: Buffer | null = null;
  /** For the next command. */
  stdin: Buffer | null = null;
  ptySteps: string | null = null;
  #marked: Snapshot | null = null;
  #beforeLast: Snapshot;

  constructor(name: string, program: readonly string[] | undefined, log: OutputLog) {
    this.name = name;
    this.log = log;
    this.sandbox = new Sandbox(program);
    this.env = { ...this.sandbox.env };
    this.cwd = this.sandbox.work;
    this.#beforeLast = new Map();
  }

  /** An absolute path; nothing that a script writes may lie outside of its own folders. */
  path(name: string): string {
    const path = resolve(this.cwd, name);
    const inside = relative(this.sandbox.root, path);
    if (inside === '..' || inside.startsWith(`..${sep}`))
      throw new Error(`${name} leads out of the script's folders`);
    return path;
  }

  /** A path as the work folder's snapshot has it. */
  inWork(name: string): string {
    return relative(this.sandbox.work, this.path(name)).split(sep).join('/');
  }

  /** The bytes of a file, or of the last output where the name is `stdout` or `stderr`. */
  bytesOf(name: string): Buffer {
    if (name === 'stdout' || name === 'stderr') return this.output()[name];
    return readFileSync(this.path(name));
  }

  write(name: string, bytes: string | Uint8Array): void {
    const path = this.path(name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  }

  output(): Output {
    if (this.last === null) throw new Error('no command ran yet');
    return this.last;
  }

  takeStdin(): Buffer {
    const stdin = this.stdin ?? Buffer.alloc(0);
    this.stdin = null;
    return stdin;
  }

  /** The work folder as it is now is what `unchanged` compares with, until the next mark. */
  mark(): void {
    this.#marked = snapshot(this.sandbox.work);
  }

  commandBegins(): void {
    this.#beforeLast = snapshot(this.sandbox.work);
  }

  get baseline(): Snapshot {
    return this.#marked ?? this.#beforeLast;
  }
}
