import { realpath } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { SecretsError } from '../errors.ts';
import { isStagingPath } from '../ops/files.ts';
import type { FileMoves, IgnoreRule, VersionControl } from '../ops/ports.ts';
import { assertOwnPaths, foreignPath, isThere } from './borders.ts';
import { fileMoves, filesThatHeld, formerLines } from './history.ts';
import { type Environment, type GitOptions, type GitResult, gitFailed, isGitMissing, runGit } from './run.ts';
import { stagePaths } from './stage.ts';

/** Name of our folder inside git's own; git gives each work tree one of its own. */
const STATE_FOLDER = 'nix-secrets';
/** What package managers and builds leave by the ten thousand; no secret of a fleet lies there. */
const DEPENDENCIES = /(^|\/)(node_modules|\.direnv|\.venv|target|result)\//;
/** Argument lists are limited by the system; this much always fits. */
const MAX_ARGUMENT_BYTES = 64 * 1024;

/**
 * The git work tree that a workspace lies in. The root need not be git's top.
 *
 * @param workspaceRoot absolute
 * @returns `null` where it is not in a work tree, or there is no git
 * @throws SecretsError `PROGRAM_FAILED` where git refuses to work there, a repository of another owner for instance
 */
export async function openRepository(
  workspaceRoot: string,
  env: Environment,
): Promise<VersionControl | null> {
  const [top, stateDir] = await Promise.all([
    findGitTop(workspaceRoot, env),
    askForPath(workspaceRoot, ['--git-path', STATE_FOLDER], env),
  ]);
  if (top === null || stateDir === null) return null;
  return new GitWorkTree(workspaceRoot, stateDir, await prefixOf(top, workspaceRoot), env);
}

/**
 * The top folder of the work tree around a folder, absolute.
 *
 * @returns `null` where there is none, or no git
 * @throws SecretsError `PROGRAM_FAILED`
 */
export function findGitTop(cwd: string, env: Environment): Promise<string | null> {
  return askForPath(cwd, ['--show-toplevel'], env);
}

/** What git answered in this world: a work tree does not move while a command runs, and half a dozen parts of it ask. */
const ANSWERS = new WeakMap<Environment, Map<string, string>>();

async function askForPath(
  cwd: string,
  question: readonly string[],
  env: Environment,
): Promise<string | null> {
  const answers = ANSWERS.get(env) ?? new Map<string, string>();
  ANSWERS.set(env, answers);
  const key = [cwd, ...question].join('\0');
  const path = answers.get(key) ?? (await askGit(cwd, question, env));
  // that there is none yet is asked again
  if (path !== null) answers.set(key, path);
  return path;
}

async function askGit(cwd: string, question: readonly string[], env: Environment): Promise<string | null> {
  let result: GitResult;
  try {
    result = await runGit(cwd, ['rev-parse', ...question], { env });
  } catch (error) {
    if (isGitMissing(error)) return null;
    throw error;
  }
  // One newline ends the answer; the name of a folder may hold others.
  if (result.status === 0) return resolve(cwd, result.stdout.replace(/\n$/, ''));
  if (/not a git repository|must be run in a work tree/.test(result.stderr)) return null;
  throw gitFailed('open the repository', result);
}

/** git answers with real paths; the workspace may have been reached through a link. */
async function prefixOf(top: string, root: string): Promise<string> {
  const path = relative(await realpath(top), await realpath(root))
    .split(sep)
    .join('/');
  return path === '' ? '' : `${path}/`;
}

class GitWorkTree implements VersionControl {
  readonly stateDir: string;
  readonly prefix: string;
  readonly #root: string;
  readonly #env: Environment;

  constructor(root: string, stateDir: string, prefix: string, env: Environment) {
    this.#root = root;
    this.prefix = prefix;
    this.stateDir = stateDir;
    this.#env = env;
  }

  async listFiles(): Promise<string[]> {
    const [index, others] = await Promise.all([
      this.#read(['ls-files', '-z', '--stage'], 'list its files'),
      this.#read(['ls-files', '-z', '--others', '--exclude-standard'], 'list new files'),
    ]);
    const files = new Set(splitZ(index.stdout).flatMap(fileOfIndexLine));
    // A repository inside this one is listed as a folder; its files are its own business.
    for (const path of splitZ(others.stdout)) if (!path.endsWith('/')) files.add(path);
    return [...files].filter(path => !isStagingPath(path)).sort();
  }

  async listIgnored(): Promise<string[]> {
    const args = ['ls-files', '-z', '--others', '--ignored', '--exclude-standard'];
    const listing = await this.#read(args, 'list ignored files');
    return splitZ(listing.stdout)
      .filter(path => !path.endsWith('/') && !isStagingPath(path) && !DEPENDENCIES.test(path))
      .sort();
  }

  async tracked(paths: readonly string[]): Promise<Set<string>> {
    return this.#among(paths, ['ls-files', '-z', '--cached'], 'look into its index');
  }

  async withUnstagedEdits(paths: readonly string[]): Promise<Set<string>> {
    // Content is compared as git compares it: through the clean filters that .gitattributes and config name.
    return this.#among(paths, ['ls-files', '-z', '--modified'], 'compare files with its index');
  }

  /** @throws SecretsError `BAD_PATH` for a path that belongs to another repository inside this one */
  async ignored(paths: readonly string[]): Promise<Map<string, IgnoreRule>> {
    const rules = new Map<string, IgnoreRule>();
    if (paths.length === 0) return rules;
    assertOwnPaths(this.#root, paths);
    // This command knows no literal path names; after `./` nothing is magic. It would also take a name with
    // `*` for a pattern when it looks whether the path is tracked, so that is asked for separately.
    const stdin = paths.map(path => `./${path}\0`).join('');
    const args = ['check-ignore', '-z', '-v', '--no-index', '--stdin'];
    const result = await this.#run(args, { env: this.#env, stdin, patterns: true });
    if (result.status > 1) throw foreignPath(result) ?? gitFailed('look up its ignore rules', result);
    for (const [path, rule] of parseRules(result.stdout)) rules.set(path, rule);
    for (const path of await this.tracked([...rules.keys()])) rules.delete(path);
    return rules;
  }

  async filesThatHeld(texts: readonly string[]): Promise<string[]> {
    return filesThatHeld(args => this.#run(args, { env: this.#env }), texts);
  }

  async formerLines(path: string): Promise<string[]> {
    return formerLines(args => this.#run(args, { env: this.#env }), path);
  }

  async fileMoves(): Promise<FileMoves[]> {
    return fileMoves(args => this.#run(args, { env: this.#env }));
  }

  /** @throws SecretsError `IGNORED_TARGET`, `WRITE_FAILED`, `BAD_PATH` as above */
  async stage(paths: readonly string[]): Promise<void> {
    assertOwnPaths(this.#root, paths);
    const there = paths.filter(path => isThere(join(this.#root, path)));
    const gone = await this.tracked(paths.filter(path => !isThere(join(this.#root, path))));
    await stagePaths((args, options) => this.#run(args, { ...options, env: this.#env }), [...there, ...gone]);
    const tracked = await this.tracked(there);
    const missed = there.find(path => !tracked.has(path));
    if (missed === undefined) return;
    throw new SecretsError('WRITE_FAILED', `git did not take ${JSON.stringify(missed)} into its index`, {
      file: missed,
      hint: 'see what `git status` says of it, and stage it with `git add`',
    });
  }

  /** Those of the paths that a listing names; a path that is a folder lists what is below, which is dropped. */
  async #among(paths: readonly string[], listing: readonly string[], purpose: string): Promise<Set<string>> {
    const wanted = new Set(paths);
    const found = new Set<string>();
    for (const chunk of chunks([...wanted])) {
      const result = await this.#read([...listing, '--', ...chunk], purpose);
      for (const path of splitZ(result.stdout)) if (wanted.has(path)) found.add(path);
    }
    return found;
  }

  async #read(args: readonly string[], purpose: string): Promise<GitResult> {
    const result = await this.#run(args, { env: this.#env });
    if (result.status !== 0) throw foreignPath(result) ?? gitFailed(purpose, result);
    return result;
  }

  #run(args: readonly string[], options: GitOptions): Promise<GitResult> {
    return runGit(this.#root, args, options);
  }
}

function splitZ(text: string): string[] {
  return text.split('\0').slice(0, -1);
}

/** `100644 <hash> 0<TAB>path`; a submodule (mode 160000) is a folder, not a file. */
function fileOfIndexLine(line: string): string[] {
  return line.startsWith('160000 ') ? [] : [line.slice(line.indexOf('\t') + 1)];
}

function* parseRules(stdout: string): Generator<[string, IgnoreRule]> {
  const fields = splitZ(stdout);
  for (let index = 0; index + 3 < fields.length; index += 4) {
    const [source = '', line = '', pattern = '', path = ''] = fields.slice(index, index + 4);
    // git names the rule that decides, and a rule may decide that the file is let in.
    if (!pattern.startsWith('!'))
      yield [path.slice('./'.length), { source, line: Number(line) || 0, pattern }];
  }
}

function* chunks(paths: readonly string[]): Generator<string[]> {
  let chunk: string[] = [];
  let size = 0;
  for (const path of paths) {
    const length = Buffer.byteLength(path) + 1;
    if (size + length > MAX_ARGUMENT_BYTES && chunk.length > 0) {
      yield chunk;
      chunk = [];
      size = 0;
    }
    chunk.push(path);
    size += length;
  }
  if (chunk.length > 0) yield chunk;
}
