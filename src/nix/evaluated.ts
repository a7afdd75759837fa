import { posix } from 'node:path';
import type { FormatName } from '../sops/formats/format.ts';
import type {
  EvaluatedFile,
  EvaluatedKeys,
  EvaluatedSecret,
  EvaluatedTemplate,
  FailedSecret,
  FlakeHost,
} from '../workspace/flake-host.ts';
import type { Platform } from '../workspace/model.ts';

export type { FlakeHost } from '../workspace/flake-host.ts';

/** How a path of the store becomes one of the work tree. */
export interface SourceTree {
  /** The flake's copy in the store; `null` where Nix does not say. */
  readonly store: string | null;
  /** The workspace root below the top of that tree: empty, or ending in `/`. */
  readonly prefix: string;
}

/** Whose evaluation it is. */
type Subject = Pick<FlakeHost, 'name' | 'platform' | 'inside'>;

const FORMATS: ReadonlySet<string> = new Set<FormatName>(['yaml', 'json', 'binary', 'dotenv', 'ini']);
const STORE_ENTRY = /^(?<store>\/(?:[^/]+\/){0,6}store)\/[a-z0-9]{32}-[^/]+/;
const NO_KEYS: EvaluatedKeys = {
  sshKeyPaths: [],
  keyFile: null,
  generateKey: false,
  gnupgHome: null,
  gnupgSshKeyPaths: [],
  qubes: false,
};

/** A configuration that does not evaluate. */
export function failedHost(subject: Subject, problem: string, problemFile: string | null = null): FlakeHost {
  return {
    ...subject,
    sopsNix: false,
    keys: NO_KEYS,
    validated: true,
    secrets: [],
    failed: [],
    templates: [],
    users: null,
    groups: null,
    problem,
    problemFile,
  };
}

/**
 * What an evaluation printed, as a model: the configuration, then the profiles of home-manager inside it. What has another
 * form than sops-nix gives it counts as an option that fails, for a flake may put anything there.
 *
 * @param json the value of one of the functions of `evaluation.ts`
 */
export function parseEvaluated(json: unknown, subject: Subject, tree: SourceTree): FlakeHost[] {
  const record = recordOf(json);
  const entries = listOf(record['secrets']).map(each => parseSecret(each, tree));
  const host: FlakeHost = {
    ...subject,
    sopsNix: record['sopsNix'] === true,
    keys: parseKeys(record['keys']),
    validated: record['validated'] !== false,
    secrets: entries.flatMap(({ secret }) => (secret === null ? [] : [secret])),
    failed: entries.flatMap(({ failed }) => (failed === null ? [] : [failed])),
    templates: listOf(record['templates']).flatMap(parseTemplate),
    users: namesOf(record['users']),
    groups: namesOf(record['groups']),
    problem: null,
    problemFile: null,
  };
  const homes = Object.entries(recordOf(record['homes'])).flatMap(([user, home]) =>
    parseEvaluated(home, { name: user, platform: 'home' satisfies Platform, inside: subject.name }, tree),
  );
  return [host, ...homes];
}

/** The names that an evaluation printed. */
export function parseNames(json: unknown): string[] {
  return textsOf(json);
}

/** A path as Nix says it, mapped back into the work tree. */
export function fileOf(shown: string, tree: SourceTree): EvaluatedFile {
  const path = posix.normalize(shown);
  const entry = STORE_ENTRY.exec(path);
  const { store, prefix } = tree;
  const inTree = store !== null && path.startsWith(`${store}/`) ? path.slice(store.length + 1) : null;
  const inStore = entry !== null || inTree !== null;
  const inside = inTree?.startsWith(prefix) === true ? inTree.slice(prefix.length) : null;
  return { path: inside, shown, inStore };
}

function parseSecret(
  json: unknown,
  tree: SourceTree,
): { secret: EvaluatedSecret | null; failed: FailedSecret | null } {
  const { attribute, values, failed } = recordOf(json);
  const given = recordOf(values);
  const bad = new Set(textsOf(failed));
  const text = (option: string): string => {
    const value = given[option];
    if (typeof value === 'string') return value;
    bad.add(option);
    return '';
  };
  const shown = textOr(attribute, '');
  const format = text('format');
  if (!FORMATS.has(format)) bad.add('format');
  const secret: EvaluatedSecret = {
    attribute: shown,
    name: text('name'),
    key: text('key'),
    sopsFile: fileOf(text('sopsFile'), tree),
    format: isFormat(format) ? format : 'binary',
    mode: text('mode'),
    path: text('path'),
    ...accountsOf(given),
    neededForUsers: given['neededForUsers'] === true,
    restartUnits: textsOf(given['restartUnits']),
    reloadUnits: textsOf(given['reloadUnits']),
  };
  if (bad.size === 0) return { secret, failed: null };
  return { secret: null, failed: { attribute: shown, options: [...bad].sort() } };
}

function accountsOf(given: Readonly<Record<string, unknown>>) {
  return {
    owner: textOr(given['owner'], null),
    group: textOr(given['group'], null),
    uid: numberOr(given['uid']),
    gid: numberOr(given['gid']),
  };
}

function parseKeys(json: unknown): EvaluatedKeys {
  const given = recordOf(recordOf(json)['values']);
  return {
    sshKeyPaths: textsOf(given['sshKeyPaths']),
    keyFile: textOr(given['keyFile'], null),
    generateKey: given['generateKey'] === true,
    gnupgHome: textOr(given['gnupgHome'], null),
    gnupgSshKeyPaths: textsOf(given['gnupgSshKeyPaths']),
    qubes: given['qubes'] === true,
  };
}

function parseTemplate(json: unknown): EvaluatedTemplate[] {
  const { name, path, mode } = recordOf(recordOf(json)['values']);
  if (typeof name !== 'string' || typeof path !== 'string' || typeof mode !== 'string') return [];
  return [{ name, path, mode }];
}

function isFormat(text: string): text is FormatName {
  return FORMATS.has(text);
}

function namesOf(json: unknown): ReadonlySet<string> | null {
  return Array.isArray(json) ? new Set(textsOf(json)) : null;
}

function textsOf(json: unknown): string[] {
  return listOf(json).filter(each => typeof each === 'string');
}

function listOf(json: unknown): readonly unknown[] {
  return Array.isArray(json) ? json : [];
}

function textOr<T>(json: unknown, fallback: T): string | T {
  return typeof json === 'string' ? json : fallback;
}

function numberOr(json: unknown): number | null {
  return typeof json === 'number' ? json : null;
}

/** Names that other objects inherit (`__proto__`) are no fields here: JSON makes own ones of them. */
function recordOf(json: unknown): Readonly<Record<string, unknown>> {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
    ? Object.fromEntries(Object.entries(json))
    : {};
}
