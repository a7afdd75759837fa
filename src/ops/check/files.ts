import { recipientsOf } from '../../sops/metadata-recipients.ts';
import type { Rule } from '../../workspace/model.ts';
import type { Draft } from '../draft.ts';
import { describeDrift, readerName } from '../drift/describe-drift.ts';
import { type FileState, metadataOfFile } from '../drift/governed.ts';
import { brokenFile, checkText } from './file-text.ts';
import { type CheckFinding, finding, softened } from './finding.ts';

/** What can be seen of the files without a key. */
export async function checkFiles(draft: Draft, states: readonly FileState[]): Promise<CheckFinding[]> {
  const found: CheckFinding[] = [];
  for (const state of states) {
    if (state.state === 'broken') found.push(await brokenFile(draft, state));
    const bad = stateFinding(draft, state);
    if (bad !== null) found.push(bad);
    if (state.state !== 'ok' && state.state !== 'drifted') continue;
    found.push(...(await checkText(draft, state)), ...(await checkReaders(draft, state)));
  }
  return found;
}

function stateFinding(draft: Draft, state: FileState): CheckFinding | null {
  switch (state.state) {
    case 'plaintext':
      return plaintext(draft, state);
    case 'drifted':
      return drifted(state);
    case 'no-rule':
      return withoutRule(draft, state);
    default:
      return null;
  }
}

function plaintext(draft: Draft, { path, rule, config }: FileState): CheckFinding {
  const line = rule?.line ?? 0;
  if (takesNixToo(draft, path, rule)) {
    const message = `it is not encrypted, and the rule of ${config}, line ${line}, governs it as it does the Nix files beside it`;
    const fix = `secrets sops encrypt -i ${path}; or let the rule say which files it means: \\.yaml$`;
    return softened(finding('plaintext', { file: path }, message, fix));
  }
  const message = `it is not encrypted, though ${config} governs it (line ${line}): the installer stops at it, and whoever has the repository reads it`;
  const fix = `secrets sops encrypt -i ${path}; where it was pushed, its values are known: make new ones`;
  return finding('plaintext', { file: path }, message, fix);
}

/** `hosts/.*`: a rule that takes modules too, which nobody can encrypt, was not written for each file that it takes. */
function takesNixToo(draft: Draft, path: string, rule: Rule | null): boolean {
  const folder = path.slice(0, path.indexOf('/') + 1);
  if (rule === null || folder === '' || folder === 'secrets/') return false;
  return draft.paths.some(other => other.endsWith('.nix') && other.startsWith(folder) && rule.matches(other));
}

function drifted(state: FileState): CheckFinding {
  const { path, rule } = state;
  const place = { file: path };
  const message = `it differs from its rule: ${describeDrift(state, false)}`;
  const line = rule === null ? '' : ` (line ${rule.line})`;
  if (rule !== null && rule.groups.length === 0)
    return finding('drifted', place, message, `name keys in its rule${line}, then run \`secrets sync\``);
  if (rule !== null && rule.groups.length > 1 && state.drift?.reasons.includes('groups') === true) {
    const fix = `put the keys of its rule${line} into one list: with those key groups nobody would open it alone`;
    return finding('drifted', place, message, fix);
  }
  return finding('drifted', place, message, `secrets sync ${path}`);
}

/** A misspelt `creation_rules:` makes every file one of these. */
function withoutRule(draft: Draft, { path, config }: FileState): CheckFinding {
  const message = `it is encrypted, and no rule of ${config} governs it: no command brings it to new readers`;
  const fix = `give it a rule: \`secrets why ${path}\` shows those there are`;
  const found = finding('no-rule', { file: path }, message, fix);
  const isOurs = [...draft.inventory.hosts.values()].some(({ declared }) => declared);
  return isOurs && path.startsWith('secrets/') ? found : softened(found);
}

/** One reader: if that key is lost, so is what is in the file. */
async function checkReaders(draft: Draft, { path, inventory }: FileState): Promise<CheckFinding[]> {
  const metadata = await metadataOfFile(draft, path);
  const [reader, ...others] = metadata === null ? [] : recipientsOf(metadata);
  if (reader === undefined || others.length > 0) return [];
  const message = `${readerName(inventory, reader)} alone can read it: if that key is lost, so are its values`;
  const fix =
    'add a person, or a recovery key, to its rule in .sops.yaml, then let that reader run `secrets sync`';
  return [finding('one-reader', { file: path }, message, fix)];
}
