import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { sshPrivateKeyToIdentity } from '../../src/age/ssh.ts';
import type { Platform } from '../../src/workspace/model.ts';
import { newTestKey } from './age.ts';
import { programPath } from './programs.ts';
import { type Output, Sandbox } from './sandbox.ts';

/** A host as the chain sets it up. */
export interface ChainHost {
  readonly name: string;
  readonly platform: Platform;
  /** Where its key comes from: an ssh host key, or an age key of its own. */
  readonly key: 'ssh' | 'age';
}

export const HOSTS: Readonly<Record<Platform, ChainHost>> = {
  nixos: { name: 'megumu', platform: 'nixos', key: 'ssh' },
  darwin: { name: 'aya', platform: 'darwin', key: 'ssh' },
  home: { name: 'momiji', platform: 'home', key: 'age' },
};

/** What is stored; stock sops has to print the same two lines. */
export const ENV_LINES = 'TOKEN=a b#c\nURL=x=y\n';
/** What runs as `NAME=VALUE` in front of a command to give it an identity, and nothing else. */
export type Identity = Readonly<Record<string, string>>;

/** A git repository with a flake, and the keys of one host and one admin outside of it. */
export class Chain {
  readonly host: ChainHost;
  readonly sandbox = new Sandbox();
  readonly #keys: string;

  constructor(host: ChainHost) {
    this.host = host;
    this.#keys = join(this.sandbox.root, 'keys');
    mkdirSync(this.#keys, { mode: 0o700 });
  }

  dispose(): void {
    this.sandbox.dispose();
  }

  /** Writes a file of the repository. */
  write(path: string, text: string): void {
    const file = join(this.sandbox.work, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  /** Runs a program, which has to succeed. */
  async run(argv: readonly string[], stdin = '', env: Identity = {}): Promise<Output> {
    const output = await this.attempt(argv, stdin, env);
    expect([output.status, output.stderr.toString()], argv.join(' ')).toEqual([0, expect.any(String)]);
    return output;
  }

  /** Runs a program, whatever comes of it. */
  attempt(argv: readonly string[], stdin = '', env: Identity = {}): Promise<Output> {
    const [program = '', ...args] = argv;
    const start = program === 'secrets' ? this.sandbox.program : [programPath(program) ?? program];
    return this.sandbox.run([...start, ...args], { stdin, env: { ...this.sandbox.env, ...env } });
  }

  /** Makes the key of the host at run time; gives the options by which `host add` takes its public half. */
  async makeHostKey(): Promise<string[]> {
    if (this.host.key === 'age') {
      const { identity, recipient } = await newTestKey();
      writeFileSync(this.#hostKey(), `${identity}\n`, { mode: 0o600 });
      return ['--age', recipient];
    }
    await this.run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', this.#hostKey()]);
    return ['--ssh-key', `${this.#hostKey()}.pub`];
  }

  /** The identity that the host decrypts with: sops-nix converts an ssh host key as we do. */
  hostIdentity(): Identity {
    const text = readFileSync(this.#hostKey(), 'utf8');
    const identity = this.host.key === 'age' ? text.trim() : sshPrivateKeyToIdentity(text).identity.reveal();
    return this.#only({ SOPS_AGE_KEY: identity });
  }

  /** The ssh host key itself, by the variable that stock sops has for such keys. */
  sshKey(): Identity {
    return this.#only({ SOPS_AGE_SSH_PRIVATE_KEY_FILE: this.#hostKey() });
  }

  /** What `init` made at sops' own place. */
  adminIdentity(): Identity {
    return this.#only({ SOPS_AGE_KEY_FILE: join(this.sandbox.home, '.config/sops/age/keys.txt') });
  }

  async strangerIdentity(): Promise<Identity> {
    const { identity } = await newTestKey();
    return this.#only({ SOPS_AGE_KEY: identity });
  }

  /** Every file of the repository below a folder, by its path. */
  files(folder: string): string[] {
    const entries = readdirSync(join(this.sandbox.work, folder), { recursive: true, withFileTypes: true });
    return entries
      .filter(entry => entry.isFile())
      .map(entry => join(entry.parentPath, entry.name).slice(this.sandbox.work.length + 1))
      .sort();
  }

  /** The two letters and the path of `git status`, one line for each file that is not as in the last commit. */
  async status(): Promise<string[]> {
    const { stdout } = await this.run(['git', 'status', '--porcelain', '--untracked-files=all']);
    return stdout.toString().split('\n').slice(0, -1);
  }

  #hostKey(): string {
    return join(this.#keys, 'host');
  }

  /** Without the home, so that no other identity is at hand. */
  #only(identity: Identity): Identity {
    return { ...identity, HOME: this.#keys };
  }
}
