import { realpathSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SecretsError } from '../../errors.ts';
import { findGitTop } from '../../git/repository.ts';
import {
  type FlakeHost,
  failedHost,
  fileOf,
  parseEvaluated,
  parseNames,
  type SourceTree,
} from '../../nix/evaluated.ts';
import {
  CONFIGURATIONS,
  type HostPlace,
  NAMES,
  optionOf,
  readingOf,
  readingOfAll,
  usersOf,
} from '../../nix/evaluation.ts';
import { nixMessage } from '../../nix/message.ts';
import type { Platform } from '../../workspace/model.ts';
import type { World } from '../world.ts';
import { findNix, type Nix, type NixResult, runNix } from './run-nix.ts';

/** A NixOS configuration takes seconds; one that takes this long does not end. In milliseconds. */
const LIMIT_MS = 5 * 60_000;
/** Each is asked for by an evaluation of its own. */
const EXPLAINED = 3;
const PLATFORMS: readonly Platform[] = ['nixos', 'darwin', 'home'];

export interface FlakeOptions {
  /** The workspace root, absolute: paths are given relative to it. */
  readonly root: string;
  /** Configurations to evaluate, where not all. */
  readonly only?: ((name: string, platform: Platform) => boolean) | undefined;
  /** True: import from derivation is allowed, which builds what the flake says. */
  readonly builds?: boolean | undefined;
  /** For one run of Nix, in milliseconds. */
  readonly limit?: number | undefined;
  /** Hears which configuration is evaluated now. */
  readonly say?: ((line: string) => Promise<void>) | undefined;
}

interface Reading {
  readonly nix: Nix;
  readonly ref: string;
  readonly tree: SourceTree;
  readonly options: FlakeOptions;
}

/**
 * Evaluates the configurations of a flake, one by one, so that one that fails does not hide the others. This runs the
 * flake's code in the evaluator of Nix: pure, without keys, and nothing is built or written.
 *
 * @param ref as `nix` takes it: `.`, a path, `git+file://…`
 * @returns machines and profiles in the order of their platform and name, profiles inside a machine after it
 * @throws SecretsError `USAGE` (a reference that names more than a flake), `NIX_UNAVAILABLE`, `FLAKE_FAILED` (it is no
 * flake, or does not evaluate at all)
 */
export async function readFlake(
  world: Pick<World, 'env' | 'cwd'>,
  ref: string,
  options: FlakeOptions,
): Promise<FlakeHost[]> {
  refuseFragment(ref);
  const top = await findGitTop(world.cwd, world.env);
  const untrusted = [top, options.root].filter(folder => folder !== null);
  const { limit = LIMIT_MS, builds = false } = options;
  const nix = await findNix({ env: world.env, untrusted }, { cwd: world.cwd, limit, builds });
  if (nix === null) throw noNix();
  const tree = await sourceTree(nix, ref, options.root);
  const reading = { nix, ref, tree, options };
  const hosts: FlakeHost[] = [];
  for (const platform of PLATFORMS) {
    for (const name of await namesOf(reading, platform)) {
      if (options.only?.(name, platform) === false) continue;
      await options.say?.(`evaluating ${CONFIGURATIONS[platform]}.${name}`);
      hosts.push(...(await readHost(reading, platform, name)));
    }
  }
  return hosts;
}

function refuseFragment(ref: string): void {
  if (ref !== '' && !ref.startsWith('-') && !ref.includes('#') && !/[\u0000-\u001f\u007f]/.test(ref)) return;
  throw new SecretsError('USAGE', '--flake takes a flake, without a # and what comes after', {
    hint: '`--flake .`; `--host HOST` names one machine of it',
  });
}

function noNix(): SecretsError {
  return new SecretsError('NIX_UNAVAILABLE', 'nix is not installed, and evaluates a flake for --flake', {
    hint: 'it is taken from an absolute PATH entry outside of the work tree; without --flake no nix is needed',
  });
}

/** Where the flake's copy in the store is, and where its top lies on this machine. */
async function sourceTree(nix: Nix, ref: string, root: string): Promise<SourceTree> {
  const result = await runNix(nix, ['flake', 'metadata', '--no-write-lock-file', '--json', ref]);
  const metadata = result.status === 0 ? parsed(result.stdout) : undefined;
  if (metadata === undefined) throw failed(result, `${ref} is no flake that can be read`);
  const { path, resolved } = recordOf(metadata);
  const top = localTop(recordOf(resolved));
  return { store: typeof path === 'string' ? path : null, prefix: prefixOf(top, root) };
}

/** The folder that a flake was copied from; `null` for one from elsewhere. */
function localTop({ type, url, path }: Readonly<Record<string, unknown>>): string | null {
  if (type === 'path' && typeof path === 'string') return path;
  if (type !== 'git' || typeof url !== 'string' || !url.startsWith('file:')) return null;
  try {
    return fileURLToPath(url);
  } catch {
    return null;
  }
}

/** A flake from elsewhere is taken for a copy of this repository. */
function prefixOf(top: string | null, root: string): string {
  if (top === null) return '';
  const path = relative(real(top), real(root));
  return path === '' || path.startsWith('..') ? '' : `${path.split(sep).join('/')}/`;
}

function real(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}

async function namesOf(reading: Reading, platform: Platform): Promise<string[]> {
  const result = await evaluate(reading, platform, NAMES);
  const names = result.status === 0 ? parsed(result.stdout) : undefined;
  if (names !== undefined) return parseNames(names);
  const { text } = nixMessage(result.stderr);
  if (text.includes('does not provide attribute') && text.includes(CONFIGURATIONS[platform])) return [];
  throw failed(result, `${CONFIGURATIONS[platform]} of ${reading.ref} cannot be read`);
}

/** The machine with the profiles inside; where that fails, each by itself. */
async function readHost(reading: Reading, platform: Platform, name: string): Promise<FlakeHost[]> {
  const machine: HostPlace = { name, user: null };
  if (platform === 'home') return [await readPlace(reading, platform, machine)];
  const result = await evaluate(reading, platform, readingOfAll(platform, name));
  const json = result.status === 0 ? parsed(result.stdout) : undefined;
  if (json !== undefined) {
    const hosts = parseEvaluated(json, { name, platform, inside: null }, reading.tree);
    const told: FlakeHost[] = [];
    for (const host of hosts) {
      const user = host.inside === null ? null : host.name;
      told.push(await explained(reading, platform, { name, user }, host));
    }
    return told;
  }
  const host = await readPlace(reading, platform, machine);
  const users = result.stopped === null ? await evaluate(reading, platform, usersOf(name)) : null;
  const homes: FlakeHost[] = [];
  for (const user of parseNames(users?.status === 0 ? parsed(users.stdout) : []))
    homes.push(await readPlace(reading, platform, { name, user }));
  return [host, ...homes];
}

/** @param platform of the set in which it stands */
async function readPlace(reading: Reading, platform: Platform, place: HostPlace): Promise<FlakeHost> {
  const { name, user } = place;
  const subject =
    user === null
      ? { name, platform, inside: null }
      : { name: user, platform: 'home' as const, inside: name };
  const result = await evaluate(reading, platform, readingOf(platform, place));
  const json = result.status === 0 ? parsed(result.stdout) : undefined;
  const [host] = json === undefined ? [] : parseEvaluated(json, subject, reading.tree);
  if (host !== undefined) return explained(reading, platform, place, host);
  const { text, file } = messageOf(result, reading);
  return failedHost(subject, text, file);
}

/** What Nix says of the first options that do not evaluate. */
async function explained(
  reading: Reading,
  platform: Platform,
  place: HostPlace,
  host: FlakeHost,
): Promise<FlakeHost> {
  const failed = [];
  for (const [index, secret] of host.failed.entries()) {
    const [option] = secret.options;
    if (index >= EXPLAINED || option === undefined) {
      failed.push(secret);
      continue;
    }
    const result = await evaluate(reading, platform, optionOf(place, secret.attribute, option));
    const { text, file } = messageOf(result, reading);
    failed.push(result.status === 0 ? secret : { ...secret, problem: text, problemFile: file });
  }
  return { ...host, failed };
}

/** Evaluates a function over all configurations of a platform. */
function evaluate({ nix, ref }: Reading, platform: Platform, apply: string): Promise<NixResult> {
  const target = `${ref}#${CONFIGURATIONS[platform]}`;
  return runNix(nix, ['eval', '--no-write-lock-file', '--json', target, '--apply', apply]);
}

function messageOf(
  { stderr, stopped }: NixResult,
  { tree, nix }: Reading,
): { text: string; file: string | null } {
  if (stopped === 'time')
    return { text: `it did not end within ${Math.round(nix.limit / 1000)} seconds`, file: null };
  if (stopped === 'output') return { text: 'it prints more than can be read', file: null };
  const { text, paths } = nixMessage(stderr);
  const files = paths.map(path => fileOf(path, tree).path).filter(path => path !== null);
  return { text: withoutStore(text, tree), file: files.at(0) ?? null };
}

function failed(result: NixResult, what: string): SecretsError {
  const { text } = nixMessage(result.stderr);
  const why = result.stopped === 'time' ? 'it did not end in time' : text;
  return new SecretsError('FLAKE_FAILED', `${what}: ${why}`, {
    hint: 'see what `nix flake show` says of it',
  });
}

/** Paths in a message as a person knows them. */
function withoutStore(text: string, { store }: SourceTree): string {
  return store === null ? text : text.replaceAll(`${store}/`, '');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) ?? undefined;
  } catch {
    return undefined;
  }
}

function recordOf(json: unknown): Readonly<Record<string, unknown>> {
  return typeof json === 'object' && json !== null ? Object.fromEntries(Object.entries(json)) : {};
}
