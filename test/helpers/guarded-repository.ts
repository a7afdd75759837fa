import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { projectRoot } from './sandbox.ts';

/** What a command of git left; both streams in one, because a hook speaks on either. */
export interface GitRun {
  readonly status: number | null;
  readonly output: string;
  readonly stdout: string;
}

type Env = Readonly<Record<string, string>>;

/** Nothing of whoever runs the tests, no `secrets` in the `PATH`. */
const BASE: Env = {
  PATH: process.env['PATH'] ?? '',
  HOME: '/nonexistent',
  LC_ALL: 'C.UTF-8',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_COUNT: '3',
  GIT_CONFIG_KEY_0: 'init.defaultBranch',
  GIT_CONFIG_VALUE_0: 'main',
  GIT_CONFIG_KEY_1: 'protocol.file.allow',
  GIT_CONFIG_VALUE_1: 'always',
  GIT_CONFIG_KEY_2: 'advice.detachedHead',
  GIT_CONFIG_VALUE_2: 'false',
  GIT_EDITOR: 'true',
  GIT_TERMINAL_PROMPT: '0',
  GIT_AUTHOR_NAME: 'Kamo',
  GIT_AUTHOR_EMAIL: 'kamo@example.org',
  GIT_COMMITTER_NAME: 'Kamo',
  GIT_COMMITTER_EMAIL: 'kamo@example.org',
};

/** A repository whose hooks were installed by the built program. */
export class GuardedRepository {
  readonly root: string;
  /** Below which everything of it lies. */
  readonly folder: string;
  readonly env: Env;
  /** Texts that no output may hold. */
  readonly #secrets: readonly string[];

  constructor(secrets: readonly string[], env: Env = {}, folder = freshFolder()) {
    this.folder = folder;
    this.root = join(folder, 'repository');
    this.env = { ...BASE, ...env };
    this.#secrets = secrets;
  }

  /** A new repository with one commit and the hooks. */
  static create(secrets: readonly string[], ...initArgs: string[]): GuardedRepository {
    const repository = new GuardedRepository(secrets);
    mkdirSync(repository.root);
    repository.git('init', '--quiet', ...initArgs);
    repository.write({ 'README.md': 'a fleet\n', 'flake.nix': '{ }\n' });
    repository.git('add', '--all');
    repository.git('commit', '--quiet', '--message=first');
    repository.install();
    return repository;
  }

  /** The same once more, elsewhere; quicker than to make it anew. */
  copy(): GuardedRepository {
    const copy = new GuardedRepository(this.#secrets);
    cpSync(this.folder, copy.folder, { recursive: true, verbatimSymlinks: true });
    return copy;
  }

  /** The same repository, worked on from another folder or with another environment. */
  at(folder: string, env: Env = {}): GitRunner {
    return new GitRunner(folder, { ...this.env, ...env }, this.#secrets);
  }

  install(): void {
    expect(this.secrets('hook', 'install')).toMatchObject({ status: 0 });
  }

  secrets(...args: string[]): GitRun {
    return this.at(this.root).run(process.execPath, [join(projectRoot, 'bin/secrets.js'), ...args]);
  }

  /** Runs git, which has to succeed. */
  git(...args: string[]): string {
    return this.at(this.root).git(...args);
  }

  /** Runs git, whose status is data. */
  try(...args: string[]): GitRun {
    return this.at(this.root).try(...args);
  }

  write(files: Readonly<Record<string, string | Uint8Array>>): void {
    writeFiles(this.root, files);
  }

  /** Writes, stages and commits; the hook has its say. */
  commitFiles(files: Readonly<Record<string, string | Uint8Array>>, ...args: string[]): GitRun {
    this.write(files);
    this.git('add', '--all');
    return this.try('commit', '--quiet', '--message=next', ...args);
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Git in one folder with one environment. */
class GitRunner {
  readonly #folder: string;
  readonly #env: Env;
  readonly #secrets: readonly string[];

  constructor(folder: string, env: Env, secrets: readonly string[]) {
    this.#folder = folder;
    this.#env = env;
    this.#secrets = secrets;
  }

  git(...args: string[]): string {
    const run = this.try(...args);
    if (run.status !== 0) throw new Error(`git ${args.join(' ')} failed: ${run.output}`);
    return run.stdout;
  }

  try(...args: string[]): GitRun {
    return this.run('git', args);
  }

  run(program: string, args: readonly string[]): GitRun {
    const result: SpawnSyncReturns<string> = spawnSync(program, args, {
      cwd: this.#folder,
      env: this.#env,
      encoding: 'utf8',
      input: '',
      maxBuffer: 2 ** 26,
    });
    if (result.error !== undefined) throw result.error;
    const output = result.stdout + result.stderr;
    for (const secret of this.#secrets) {
      if (output.includes(secret)) throw new Error(`${program} ${args[0]} printed a secret`);
    }
    return { status: result.status, output, stdout: result.stdout };
  }
}

/** Writes files, folders included. */
export function writeFiles(root: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

function freshFolder(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), 'secrets-guarded-')));
}
