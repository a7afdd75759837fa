import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { SecretsError } from '../../errors.ts';
import type { SopsFile } from '../../sops/document.ts';
import type { FormatName } from '../../sops/formats/format.ts';
import { formatOfPath } from '../../sops/formats/of-path.ts';
import type { Metadata } from '../../sops/metadata.ts';
import { readAnySopsFile } from '../../sops/read-any.ts';
import { type Drift, driftOf, isDrifted } from '../../workspace/drift.ts';
import { insideSecrets, isCatchAll, mayBeClear } from '../../workspace/in-clear.ts';
import type { Inventory, Rule } from '../../workspace/model.ts';
import { ruleFor } from '../../workspace/rules.ts';
import type { ManagedFile } from '../../workspace/secrets.ts';
import type { Draft } from '../draft.ts';
import type { WorkFile } from '../files.ts';
import { isLink, managedFile } from '../scan-files.ts';
import { CONFIG_NAME, Configs } from './configs.ts';

/** How a file stands to the rule that governs it. */
type FileStateName = 'ok' | 'drifted' | 'plaintext' | 'broken' | 'no-rule';

/** A file that a rule governs or that carries sops metadata. */
export interface FileState {
  /** Relative to the workspace root. */
  readonly path: string;
  /** The nearest `.sops.yaml` at or above the file. */
  readonly config: string;
  readonly inventory: Inventory | null;
  readonly rule: Rule | null;
  readonly format: FormatName;
  readonly state: FileStateName;
  /** `null` where there is no rule or no metadata to compare. */
  readonly drift: Drift | null;
  /** For people, without values: why it is broken. */
  readonly problem: string | null;
}

/** What the tool itself writes in clear beside the encrypted files. */
const OWN_IN_CLEAR = /^secrets\/(\.gitattributes|\.gitignore|public\/.*)$/;
const NIX = /\.nix$/;
/** So much is read of an ignored file that has no reason to be a sops file, in bytes. */
const SMALL = 1024 * 1024;
/** Every text form of the metadata has one of these names. */
const METADATA_MARKS = [/(^|[\s"'{,])sops["']?\s*:/m, /^sops_\w+=/m, /^\[sops\]/m];

/**
 * Every file that a rule governs or that carries sops metadata, as it will be after the draft. Needs no key.
 *
 * @param only exact paths or folders to look at; empty: all
 */
export async function fileStates(draft: Draft, only: readonly string[] = []): Promise<FileState[]> {
  const configs = await Configs.of(draft);
  const states: FileState[] = [];
  const ignored = new Set(await draft.workspace.around.versionControl?.listIgnored());
  const paths = [...draft.paths, ...ignored].filter(path => isAmong(path, only));
  for (const path of [...new Set(paths)].sort()) {
    const state = await stateOf(draft, configs, path, ignored.has(path));
    if (state !== null) states.push(state);
  }
  return states;
}

/**
 * The metadata of a file, as it will be after the draft; `null` where there is none that loads.
 */
export async function metadataOfFile(draft: Draft, path: string): Promise<Metadata | null> {
  const known = draft.managedFile(path)?.metadata;
  const file = known === undefined ? await readQuietly(draft, path) : null;
  if (known !== undefined) return known;
  const found = file === null ? null : await sopsFileIn(file.bytes, formatOfPath(path));
  return found instanceof SecretsError ? null : (found?.metadata ?? null);
}

/** The sops files among those that git ignores. */
export async function ignoredSopsFiles(draft: Draft, configs: Configs): Promise<ManagedFile[]> {
  const { around, root } = draft.workspace;
  const found: ManagedFile[] = [];
  for (const path of (await around.versionControl?.listIgnored()) ?? []) {
    const { inventory, matched } = configs.governing(path);
    if ((!mayBeSops(inventory, matched) && !isSmall(root, path)) || isLink(root, path)) continue;
    const file = await readQuietly(draft, path);
    const managed = file === null ? null : await managedFile(path, file.bytes);
    if (managed !== null) found.push(managed);
  }
  return found;
}

function isAmong(path: string, only: readonly string[]): boolean {
  return only.length === 0 || only.some(each => path === each || path.startsWith(`${each}/`));
}

async function stateOf(
  draft: Draft,
  configs: Configs,
  path: string,
  ignored: boolean,
): Promise<FileState | null> {
  if (path === CONFIG_NAME || path.endsWith(`/${CONFIG_NAME}`)) return null;
  const { config, inventory, matched } = configs.governing(path);
  const { root } = draft.workspace;
  if (ignored && !mayBeSops(inventory, matched) && !isSmall(root, path)) return null;
  if (isLink(root, path)) return null;
  const known = draft.managedFile(path);
  const file = known?.metadata === undefined ? await readQuietly(draft, path) : null;
  if (file === null && known?.metadata === undefined) return null;
  const read = file === null ? null : await sopsFileIn(file.bytes, formatOfPath(path));
  const metadata = read instanceof SecretsError ? read : (known?.metadata ?? read?.metadata ?? null);
  // of what git ignores, only whole sops files are looked at
  if (ignored && (metadata === null || metadata instanceof SecretsError)) return null;
  const format = (read instanceof SecretsError ? null : read?.format) ?? known?.format ?? formatOfPath(path);
  const base = { path, config, format, drift: null, problem: null };
  if (inventory instanceof SecretsError) {
    if (metadata === null) return null;
    return { ...base, inventory: null, rule: null, state: 'broken', problem: inventory.message };
  }
  const rule = ruleFor(inventory, matched);
  const found = { ...base, inventory, rule };
  if (metadata === null) {
    const governed = rule !== null && !isCatchAll(rule) && !mayBeClear(matched, insideOf(matched), rule);
    const plain = governed && file !== null && !isOwnInClear(draft, path, file);
    return plain ? { ...found, state: 'plaintext' } : null;
  }
  if (metadata instanceof SecretsError) {
    return rule === null ? null : { ...found, state: 'broken', problem: metadata.message };
  }
  if (rule === null) return { ...found, state: 'no-rule' };
  const problem = missingField(metadata);
  const drift = driftOf(metadata, format, rule);
  if (problem !== null) return { ...found, drift, state: 'broken', problem };
  return { ...found, drift, state: isDrifted(drift) ? 'drifted' : 'ok' };
}

/** Large ignored files are read where a rule governs them, or where their name says something. */
function mayBeSops(inventory: Inventory | SecretsError, path: string): boolean {
  if (/sops|secret|\.enc(\.|$)/i.test(path)) return true;
  return !(inventory instanceof SecretsError) && (ruleFor(inventory, path)?.pathRegex ?? null) !== null;
}

function isSmall(root: string, path: string): boolean {
  try {
    return lstatSync(join(root, path)).size <= SMALL;
  } catch {
    return false;
  }
}

/** What of a path, as its config sees it, is below `secrets/`. */
function insideOf(matched: string): string | null {
  return insideSecrets(matched, new Set(['']));
}

function isOwnInClear(draft: Draft, path: string, file: WorkFile): boolean {
  if (OWN_IN_CLEAR.test(path)) return true;
  return NIX.test(path) && draft.workspace.around.modules.isEmitted(new TextDecoder().decode(file.bytes));
}

async function readQuietly(draft: Draft, path: string): Promise<WorkFile | null> {
  try {
    return await draft.read(path);
  } catch (error) {
    if (error instanceof SecretsError) return null;
    throw error;
  }
}

/** True for a file with sops metadata that does not load. */
export async function isBrokenSops(bytes: Uint8Array, path: string): Promise<boolean> {
  return (await sopsFileIn(bytes, formatOfPath(path))) instanceof SecretsError;
}

/** `null`: there is no sops metadata in it. An error: there is, but it does not load. */
async function sopsFileIn(bytes: Uint8Array, byName: FormatName): Promise<SopsFile | SecretsError | null> {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (text.indexOf('sops') < 0) return null;
  try {
    return await readAnySopsFile(bytes, byName);
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error;
    if (error.code === 'NOT_ENCRYPTED') return null;
    const shown = text.toString('latin1');
    return METADATA_MARKS.some(mark => mark.test(shown)) ? error : null;
  }
}

function missingField(metadata: Metadata): string | null {
  if (metadata.mac === '') return 'its metadata has no mac';
  return metadata.version === '' ? 'its metadata has no version' : null;
}
