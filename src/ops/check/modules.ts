import { SecretsError } from '../../errors.ts';
import { hostsOfFolder } from '../../workspace/receivers.ts';
import { collisions } from '../../workspace/secrets.ts';
import { Draft } from '../draft.ts';
import type { FileState } from '../drift/governed.ts';
import type { WorkFile } from '../files.ts';
import { emitModules, modulePath, nixFiles } from '../modules.ts';
import { INVENTORY_FILE } from '../workspace.ts';
import { type CheckFinding, finding } from './finding.ts';

/** A declaration as it is emitted: four blanks, the name, and the beginning of a set. */
const DECLARATION = /^ {4}(?:"((?:[^"\\]|\\.)*)"|([\w'-]+)) = \{/gm;
/** Where modules are emitted, whatever the rules say. */
const MODULE_PATH = /^(?:nix\/)?secrets\/[^/]+\.nix$/;
/** So many names are said of what a module would lose. */
const NAMED = 3;

/** The emitted modules, held against what they would be; those of nobody; and files of ours that none of them declares. */
export async function checkModules(draft: Draft, states: readonly FileState[]): Promise<CheckFinding[]> {
  return [
    ...(await checkTexts(draft, states)),
    ...(await checkStrays(draft)),
    ...(await checkUndeclared(draft)),
  ];
}

async function checkTexts(draft: Draft, states: readonly FileState[]): Promise<CheckFinding[]> {
  const fresh = new Draft(draft.workspace);
  try {
    await emitModules(fresh);
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error;
    // two secrets of one name are a finding of their own
    return collisions(draft.secrets.filter(({ emitted }) => emitted)).length > 0
      ? []
      : [refusedModule(error)];
  }
  const unread = states.filter(({ state }) => state === 'plaintext' || state === 'broken');
  const { steps, changes } = fresh.toPlan();
  const byPath = new Map(changes.map(change => [change.path, change]));
  return steps.flatMap(({ file, action }) => {
    const change = byPath.get(file);
    const text = textOf(change?.before ?? null);
    // it would lose what cannot be read at the moment: that is to be repaired, and not the module
    if (unread.some(({ path }) => text.includes(`/${path.split('/').slice(-2).join('/')}`))) return [];
    return [outdated(file, action, lostNames(text, textOf(change?.after ?? null)))];
  });
}

function textOf(file: Pick<WorkFile, 'bytes'> | null): string {
  return file === null ? '' : Buffer.from(file.bytes).toString('utf8');
}

function lostNames(before: string, after: string): string[] {
  const left = new Set(declaredIn(after));
  return declaredIn(before).filter(name => !left.has(name));
}

function declaredIn(text: string): string[] {
  return [...text.matchAll(DECLARATION)].map(([, quoted, bare]) => quoted ?? bare ?? '');
}

function outdated(file: string, action: string, lost: readonly string[]): CheckFinding {
  if (action === 'create') {
    const message = 'the module does not exist, so the host declares none of its secrets';
    return finding('module-outdated', { file }, message, 'secrets nix');
  }
  const message = 'the module is not what .sops.yaml and the files say';
  if (lost.length === 0) return finding('module-outdated', { file }, message, 'secrets nix');
  const more = lost.length > NAMED ? ` and ${lost.length - NAMED} more` : '';
  const names = `${lost.slice(0, NAMED).join(', ')}${more}`;
  return finding(
    'module-outdated',
    { file },
    `${message}: it declares ${names}, of which no such file or key is left`,
    `put back what is missing (git log -p -- secrets), or let the module lose ${names}: secrets nix`,
  );
}

/** An option of `.sops.yaml` that cannot be emitted, or a file in the way. */
function refusedModule(error: SecretsError): CheckFinding {
  if (error.code !== 'BAD_OPTION') {
    const place = error.file === undefined ? {} : { file: error.file };
    return finding('module-outdated', place, error.message, error.hint ?? 'secrets nix');
  }
  const code = / mode /.test(error.message) ? 'mode-refused' : 'option-refused';
  return finding(
    code,
    { file: INVENTORY_FILE },
    error.message,
    error.hint ?? 'correct it, then `secrets nix`',
  );
}

/** What was emitted for a host that is gone, or misspelt: nothing brings it up to date any more. */
async function checkStrays(draft: Draft): Promise<CheckFinding[]> {
  const { hosts } = draft.inventory;
  const due = new Set([...hosts.keys()].map(host => modulePath(draft.inventory, host)));
  const found: CheckFinding[] = [];
  for (const file of draft.paths) {
    if (!MODULE_PATH.test(file) || due.has(file)) continue;
    if (!draft.workspace.around.modules.isEmitted(textOf(await draft.read(file)))) continue;
    const message =
      'it was emitted for a host that .sops.yaml does not have, and stays as it is whatever changes';
    found.push(finding('module-outdated', { file }, message, `git rm ${file}, and take its import out`));
  }
  return found;
}

/** A file in the folder of a host that is not as ours are: no module declares it, and no hand-written text names it. */
async function checkUndeclared(draft: Draft): Promise<CheckFinding[]> {
  const emitted = new Set(draft.secrets.flatMap(({ emitted: is, file }) => (is ? [file] : [])));
  const candidates = draft.files.filter(({ path }) => !emitted.has(path) && isForHosts(draft, path));
  if (candidates.length === 0) return [];
  const texts = (await nixFiles(draft.workspace)).map(({ text }) => text);
  return candidates.flatMap(({ path }) => {
    const name = path.slice(path.lastIndexOf('/') + 1);
    if (texts.some(text => text.includes(name))) return [];
    const message =
      'it lies in the folder of a host, and nothing declares it: a file of ours is NAME.yaml with the one key NAME, NAME.env or NAME.bin';
    const fix = `secrets add NAME --host HOST for each value, or declare it by hand: sops.secrets.NAME.sopsFile = ./${name}`;
    return [finding('not-declared', { file: path }, message, fix)];
  });
}

function isForHosts({ inventory }: Draft, path: string): boolean {
  const folder = /^secrets\/([^/]+)\/[^/]/.exec(path)?.[1];
  if (folder === undefined) return false;
  return [...hostsOfFolder(inventory, folder)].some(host => inventory.hosts.get(host)?.declared === true);
}
