import { findHooksFolder } from '../git/hooks/folder.ts';
import { lookAtHooks } from '../git/hooks/look.ts';
import { findGitTop } from '../git/repository.ts';
import { type CheckCode, type CheckFinding, finding, softened } from '../ops/check/finding.ts';
import { shellWord } from '../ops/guard/names.ts';
import { findRoot, type Workspace } from '../ops/workspace.ts';
import { KEY_RULES } from '../scan/keys/index.ts';
import { processorClock } from './processor-clock.ts';
import type { GuardFinding } from './scan/finding.ts';
import { fileSubject } from './scan/from-files.ts';
import { runScan } from './scan/run-scan.ts';
import type { World } from './world.ts';

/** What the guard finds that `check` does not see by itself, and what it calls that. */
const CODES: ReadonlyMap<string, CheckCode> = new Map<string, CheckCode>([
  ...KEY_RULES.map(({ id }): [string, CheckCode] => [id, 'private-key']),
  ['managed-value', 'not-encrypted'],
  ['managed-metadata', 'not-encrypted'],
  ['managed-document', 'not-encrypted'],
  ['managed-no-rule', 'no-rule'],
]);

/** Why a file says nothing more. */
const UNREADABLE: ReadonlySet<CheckCode> = new Set<CheckCode>([
  'plaintext',
  'broken',
  'key-twice',
  'odd-key',
  'crlf',
]);

/**
 * The guard's rules over the files as they are on the disk: managed files that are not wholly encrypted, and private keys
 * anywhere. Needs no key; what `.secrets-allow.yaml` lets through is let through here too. Nothing where no `.sops.yaml`
 * is here or above.
 *
 * @throws SecretsError `BAD_ALLOW_LIST`
 */
export async function guardFindings(world: World): Promise<readonly GuardFinding[]> {
  const { cwd, env } = world;
  if ((await findRoot(cwd, await findGitTop(cwd, env))) === null) return [];
  const subject = await fileSubject(world, []);
  const { findings } = await runScan(subject, {
    now: processorClock,
    identities: async () => ({ identities: [], sources: [] }),
    skipped: new Set(['known-value']),
  });
  return findings;
}

/**
 * What the guard found, as findings of the check.
 *
 * @param known what was found already: a file is not named twice for the same reason
 */
export function checkGuard(
  findings: readonly GuardFinding[],
  { around, paths, files, inventory }: Workspace,
  known: readonly CheckFinding[],
): CheckFinding[] {
  const prefix = around.versionControl?.prefix ?? '';
  const loaded = new Set(files.map(({ path }) => path));
  const spoken = new Set(
    known.filter(({ code, file }) => UNREADABLE.has(code) && !loaded.has(file ?? '')).map(each => each.file),
  );
  const named = new Set(paths);
  const said = new Set(known.map(({ code, file }) => `${code}\0${file}`));
  const isOurs = [...inventory.hosts.values()].some(({ declared }) => declared);
  return findings.flatMap(each => {
    const file = each.file.slice(prefix.length);
    // a name that is no text stands in no list of paths, and the guard alone reads such a file
    const code = each.rule === 'managed-plaintext' && !named.has(file) ? 'plaintext' : CODES.get(each.rule);
    if (code === undefined || !each.file.startsWith(prefix)) return [];
    if (spoken.has(file) || said.has(`${code}\0${file}`)) return [];
    const found = asCheck(code, file, each);
    // a `secrets/` that somebody else laid out may hold scripts and public keys
    return [code === 'no-rule' && !isOurs ? softened(found) : found];
  });
}

function asCheck(code: CheckCode, file: string, { rule, line, message, fix }: GuardFinding): CheckFinding {
  return finding(code, { file, line }, message, rule === 'managed-value' ? lastGood(file) : fix);
}

/** No MAC fits such a file any more, so that no command writes into it. */
function lastGood(file: string): string {
  const word = shellWord(file);
  return `git log -p -- ${word} shows the last version that was whole: git checkout COMMIT -- ${word}, then secrets set, or secrets edit ${word}`;
}

/** A clone has no hook before somebody installs it. */
export async function checkHook(world: World, { around }: Workspace): Promise<CheckFinding[]> {
  if (around.versionControl === null) return [];
  const hooks = await lookAtHooks(await findHooksFolder(world.cwd, world.env));
  const missing = hooks
    .filter(({ state }) => state !== 'installed' && state !== 'by-hand')
    .map(({ hook }) => hook);
  if (missing.length === 0) return [];
  const message = `this clone has no hook ${missing.join(', ')}: plaintext would get into history unseen`;
  return [finding('no-hook', {}, message, 'secrets hook install')];
}
