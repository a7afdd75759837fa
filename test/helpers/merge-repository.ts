import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { expect } from 'vitest';
import { leaksInFiles } from './leaks.ts';
import { programPath } from './programs.ts';
import { type Output, Sandbox } from './sandbox.ts';

/** What a merge left. */
export interface MergeResult {
  readonly status: number | null;
  readonly stderr: string;
  /** `git status --porcelain`. */
  readonly changed: string;
}

/** A repository of one admin and some hosts, with branches that are merged. Every value in it is watched. */
export class MergeRepository {
  readonly sandbox = new Sandbox();
  readonly #values: string[] = [];
  readonly #keys = new Map<string, { identity: string; recipient: string }>();

  dispose(): void {
    this.sandbox.dispose();
  }

  /** `init`, host megumu, the secrets `mail` (A, B, C) and `token`, in one commit on `main`. */
  async begin(): Promise<this> {
    await this.git('init', '-q');
    await this.secrets(['init', '--admin', 'kamov']);
    await this.secrets(['host', 'add', 'megumu', '--age', await this.key('megumu')]);
    await this.secrets(
      ['add', 'mail', '--host', 'megumu', '--env'],
      `A=${this.value('a')}\nB=${this.value('b')}\nC=${this.value('c')}\n`,
    );
    await this.secrets(['add', 'token', '--host', 'megumu'], this.value('token'));
    await this.git('commit', '-qm', 'begin');
    return this;
  }

  /** A value that must appear in no file, and that nothing may print. */
  value(name: string): string {
    const value = `plain-${name}-${'xyzw'.repeat(3)}`;
    if (!this.#values.includes(value)) this.#values.push(value);
    return value;
  }

  /** The public half of an age key of this name. */
  async key(name: string): Promise<string> {
    const known = this.#keys.get(name);
    if (known !== undefined) return known.recipient;
    const identity = await generateX25519Identity();
    const recipient = await identityToRecipient(identity);
    this.#keys.set(name, { identity, recipient });
    return recipient;
  }

  /** What gives a program this key and no other. */
  only(name: string): Record<string, string> {
    return { SOPS_AGE_KEY: this.#keys.get(name)?.identity ?? '', HOME: this.sandbox.temporary };
  }

  async git(...args: string[]): Promise<string> {
    return (await this.run(['git', ...args])).stdout.toString();
  }

  secrets(args: readonly string[], stdin = ''): Promise<Output> {
    return this.run([...this.sandbox.program, ...args], stdin);
  }

  /** Runs a program, which has to succeed. */
  async run(
    argv: readonly string[],
    stdin = '',
    env: Readonly<Record<string, string>> = {},
  ): Promise<Output> {
    const output = await this.attempt(argv, stdin, env);
    expect([output.status, output.stderr.toString()], argv.join(' ')).toEqual([0, expect.any(String)]);
    return output;
  }

  async attempt(
    argv: readonly string[],
    stdin = '',
    env: Readonly<Record<string, string>> = {},
  ): Promise<Output> {
    const output = await this.sandbox.run(argv, { stdin, env: { ...this.sandbox.env, ...env } });
    for (const value of this.#values) expect(output.stderr.toString()).not.toContain(value);
    return output;
  }

  read(path: string): string {
    return readFileSync(join(this.sandbox.work, path), 'utf8');
  }

  write(path: string, text: string): void {
    const file = join(this.sandbox.work, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  /** A hook, as `secrets hook install` calls this program from it. */
  hook(name: string, words: readonly string[]): void {
    const call = [...this.sandbox.program, ...words].map(word => `'${word}'`).join(' ');
    const file = join(this.sandbox.work, '.git/hooks', name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `#!/bin/sh\nexec ${call}\n`);
    chmodSync(file, 0o755);
  }

  /** Does something on a branch of its own that begins at a commit, and commits it. */
  async branch(name: string, from: string, work: () => Promise<unknown>): Promise<void> {
    await this.git('checkout', '-q', '-b', name, from);
    await work();
    await this.git('add', '-A');
    await this.git('commit', '-qm', name);
  }

  /** Runs a git command that merges, watched: no value may be written anywhere. */
  async merging(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<MergeResult> {
    const trace = join(this.sandbox.root, 'trace');
    const strace = programPath('strace');
    const calls = 'trace=write,writev,pwrite64,pwritev,sendto,sendmsg,link,rename,execve';
    const watch = strace === null ? [] : [strace, '-f', '-qq', '-s', '1000000', '-e', calls, '-o', trace];
    const output = await this.attempt([...watch, 'git', ...args], '', env);
    if (strace !== null) {
      const written = readFileSync(trace, 'latin1');
      expect(written, 'the watch saw something').toMatch(/write\(/);
      for (const value of this.#values) expect(written.includes(value), `${value} was written`).toBe(false);
    }
    this.#noPlaintext();
    return {
      status: output.status,
      stderr: output.stderr.toString() + output.stdout.toString(),
      changed: await this.git('status', '--porcelain'),
    };
  }

  #noPlaintext(): void {
    const secrets = this.#values.map(value => ({ value, allowed: [] }));
    for (const folder of [this.sandbox.work, this.sandbox.temporary])
      expect(leaksInFiles(folder, Buffer.alloc(0), secrets)).toEqual([]);
  }

  /** The work tree is the commit, as `.sops.yaml` says, and opened by stock sops with each of these keys. */
  async isSound(readers: readonly string[] = ['megumu']): Promise<void> {
    expect(await this.git('status', '--porcelain')).toBe('');
    await this.secrets(['sync', '--check']);
    await this.secrets(['nix', '--check']);
    await this.run(['nix-instantiate', '--parse', 'secrets/megumu.nix']);
    const files = (await this.git('ls-files', 'secrets/megumu/')).split('\n').filter(path => path !== '');
    for (const file of files) {
      await this.run(['sops', 'decrypt', file]);
      for (const reader of readers) await this.run(['sops', 'decrypt', file], '', this.only(reader));
    }
  }

  async plain(path: string): Promise<string> {
    return (await this.run(['sops', 'decrypt', path])).stdout.toString();
  }
}
