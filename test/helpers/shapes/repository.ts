import { appendFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generateHybridIdentity, identityToRecipient } from 'age-encryption';
import { Sandbox } from '../sandbox.ts';
import { newPair } from '../stock-fleet.ts';

/** How stock sops is called for one file. */
interface EncryptOptions {
  /** Folder in which sops is run, relative to the top: its search for a config begins there. */
  readonly from?: string;
  /** Another config than the one that sops finds. */
  readonly config?: string;
  /** The words before the name of the file, `--input-type`, `json`. */
  readonly args?: readonly string[];
}

/** A git repository that a stranger might have: everything encrypted in it is by stock sops. */
export class ShapeRepository {
  readonly sandbox = new Sandbox();
  readonly env: Record<string, string>;

  constructor() {
    this.env = { ...this.sandbox.env, SOPS_DISABLE_VERSION_CHECK: '1' };
  }

  get top(): string {
    return this.sandbox.work;
  }

  async dispose(): Promise<void> {
    if (this.env.GNUPGHOME !== undefined) await this.#run(['gpgconf', '--kill', 'all']);
    this.sandbox.dispose();
  }

  /** The public half of a key that nobody has. */
  async key(): Promise<string> {
    return (await newPair()).recipient;
  }

  async keys(count: number): Promise<string[]> {
    return Promise.all(Array.from({ length: count }, () => this.key()));
  }

  async postQuantumKey(): Promise<string> {
    return identityToRecipient(await generateHybridIdentity());
  }

  /** `ssh-ed25519 AAAA… name` */
  async sshKey(name: string): Promise<string> {
    const file = join(this.sandbox.temporary, name);
    await this.#run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', file]);
    return (await this.#run(['cat', `${file}.pub`])).trim();
  }

  /** The fingerprint of a PGP key that is in a key ring of this repository's world alone. */
  async pgpKey(name: string): Promise<string> {
    if (this.env.GNUPGHOME === undefined) {
      this.env.GNUPGHOME = join(this.sandbox.root, 'gpg');
      mkdirSync(this.env.GNUPGHOME, { mode: 0o700 });
    }
    const words = ['--batch', '--passphrase', '', '--quick-gen-key', `${name}@example.org`, 'rsa2048'];
    await this.#run(['gpg', '--quiet', ...words, 'encrypt', 'never']);
    const listing = await this.#run([
      'gpg',
      '--batch',
      '--with-colons',
      '--list-keys',
      `${name}@example.org`,
    ]);
    const fingerprint = /^fpr:+([0-9A-F]{40}):/m.exec(listing)?.[1];
    if (fingerprint === undefined) throw new Error(`no fingerprint in ${listing}`);
    return fingerprint;
  }

  write(path: string, text: string | Uint8Array): void {
    const file = join(this.top, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  append(path: string, text: string): void {
    appendFileSync(join(this.top, path), text);
  }

  link(path: string, target: string): void {
    const file = join(this.top, path);
    mkdirSync(dirname(file), { recursive: true });
    symlinkSync(target, file);
  }

  /** Writes a text and lets stock sops encrypt it in place. */
  async encrypt(path: string, text: string | Uint8Array, options: EncryptOptions = {}): Promise<void> {
    this.write(path, text);
    const { from = '.', config, args = [] } = options;
    const before = config === undefined ? [] : ['--config', config];
    await this.#run(
      ['sops', ...before, 'encrypt', ...args, '-i', join(this.top, path)],
      join(this.top, from),
    );
  }

  /** What stock sops makes of a text under a name, without any config. */
  async encrypted(name: string, text: string, args: readonly string[]): Promise<string> {
    const file = join(this.sandbox.temporary, name);
    writeFileSync(file, text);
    return this.#run(['sops', '--config', '/dev/null', 'encrypt', ...args, file]);
  }

  /** Runs git at the top, or in a folder below it. */
  git(args: readonly string[], folder = '.'): Promise<string> {
    return this.#run(['git', ...args], join(this.top, folder));
  }

  async commit(): Promise<void> {
    await this.git(['init', '-q']);
    await this.git(['add', '-A']);
    await this.git(['commit', '-q', '-m', 'begin']);
  }

  async #run(argv: readonly string[], cwd = this.top): Promise<string> {
    const { status, stdout, stderr } = await this.sandbox.run(argv, { cwd, env: this.env });
    if (status !== 0) throw new Error(`${argv.join(' ')}: exit ${status}: ${stderr}`);
    return stdout.toString('utf8');
  }
}

/** One way in which people lay their repositories out. */
export interface Shape {
  readonly name: string;
  /** Programs that it needs beside sops and git. */
  readonly programs?: readonly string[];
  /** Lays it out and commits it. */
  build(repository: ShapeRepository): Promise<void>;
}
