import { SecretsError } from '../../errors.ts';
import { everySecret } from '../../ops/answers/every-secret.ts';
import { fileMarks, type LeafMark, valueMarksIn } from '../../ops/answers/marks.ts';
import { type CheckFinding, finding } from '../../ops/check/finding.ts';
import { readWorkFile } from '../../ops/files.ts';
import type { Workspace } from '../../ops/workspace.ts';
import type { Secret } from '../../workspace/model.ts';
import type { World } from '../world.ts';
import { daysSince, shortCommit } from './age-text.ts';
import { type DatedFile, type DatedMarks, dateMarks } from './history.ts';

/** Values beyond a limit, and what cannot be judged. */
export interface OldValues {
  readonly findings: readonly CheckFinding[];
  readonly notes: readonly string[];
}

/** So many variables of one file are named. */
const MOST_NAMES = 5;

/**
 * The limit of `--max-age`.
 *
 * @throws SecretsError `BAD_OPTION`
 */
export function parseMaxAge(text: string): number {
  const days = /^(\d{1,5})d?$/.exec(text)?.[1];
  if (days !== undefined) return Number(days);
  throw new SecretsError('BAD_OPTION', '--max-age takes a number of days', {
    hint: 'for example --max-age 180',
  });
}

/**
 * Values whose ciphertext is older than a limit, by git's history. Needs no key; one pass over the commits for all.
 *
 * @throws SecretsError `NO_REPOSITORY`: without history nothing has an age
 */
export async function oldValues(world: World, workspace: Workspace, limit: number): Promise<OldValues> {
  const { secrets, files } = await datedSecrets(workspace);
  const dated = await dateMarks(world, workspace, files, valueMarksIn);
  if (!dated.hasHistory)
    throw new SecretsError('NO_REPOSITORY', 'the age of a value is known from git alone, which is not here', {
      hint: 'leave --max-age out, or run it in a clone',
    });
  const findings: CheckFinding[] = [];
  const unjudged = new Set<string>();
  for (const { secret, leaves } of secrets) {
    const ages = leaves.flatMap(leaf => ageOf(dated, secret, leaf, world.now()) ?? []);
    const old = ages.filter(({ days }) => days > limit);
    if (old.length > 0) findings.push(oldValue(secret, old, leaves.length, limit));
    if (ages.some(({ days, atLeast }) => atLeast && days <= limit)) unjudged.add(secret.address);
  }
  return { findings, notes: unjudged.size === 0 ? [] : [shallowNote(unjudged)] };
}

function shallowNote({ size }: ReadonlySet<string>): string {
  const what = size === 1 ? '1 secret' : `${size} secrets`;
  return `this clone is shallow, so the age of ${what} is not known: \`git fetch --unshallow\` (actions/checkout: fetch-depth: 0)`;
}

interface DatedSecret {
  readonly secret: Secret;
  readonly leaves: readonly LeafMark[];
}

/** Each file is read once, whatever number of secrets it holds. */
async function datedSecrets(workspace: Workspace): Promise<{ secrets: DatedSecret[]; files: DatedFile[] }> {
  const byFile = new Map<string, Secret[]>();
  for (const { secret } of await everySecret(workspace))
    if (secret.pending !== true) byFile.set(secret.file, [...(byFile.get(secret.file) ?? []), secret]);
  const secrets: DatedSecret[] = [];
  const files: DatedFile[] = [];
  for (const [path, those] of byFile) {
    const bytes = (await readQuietly(workspace, path)) ?? null;
    const found = bytes === null ? null : await fileMarks(path, bytes);
    if (bytes === null || found === null) continue;
    const byKey = new Map(found.leaves.map(leaf => [leaf.key, leaf]));
    for (const secret of those) {
      const leaf = secret.key === null ? undefined : byKey.get(secret.key);
      secrets.push({ secret, leaves: secret.key === null ? found.leaves : leaf === undefined ? [] : [leaf] });
    }
    files.push({ path, bytes, marks: new Set(found.leaves.flatMap(({ mark }) => mark ?? [])) });
  }
  return { secrets, files };
}

async function readQuietly({ root }: Workspace, path: string): Promise<Uint8Array | undefined> {
  try {
    return (await readWorkFile(root, path))?.bytes;
  } catch (error) {
    if (error instanceof SecretsError) return undefined;
    throw error;
  }
}

interface Age {
  readonly key: string;
  readonly days: number;
  readonly date: string;
  readonly commit: string;
  /** True: history ends there. */
  readonly atLeast: boolean;
}

/** `null`: not encrypted, not committed, or not known. */
function ageOf(dated: DatedMarks, { file }: Secret, { key, mark }: LeafMark, now: Date): Age | null {
  const since = mark === null ? null : dated.sinceOf(file, mark);
  if (since === null || since === 'uncommitted') return null;
  const { commit, orEarlier } = since;
  return {
    key,
    days: daysSince(commit.date, now),
    date: commit.date,
    commit: commit.oid,
    atLeast: orEarlier,
  };
}

function oldValue(
  { address, file, emitted }: Secret,
  old: readonly Age[],
  leaves: number,
  limit: number,
): CheckFinding {
  const oldest = old.reduce((one, other) => (other.days > one.days ? other : one));
  const what = leaves < 2 ? 'its value is' : textOf(old);
  const days = `${oldest.atLeast ? 'at least ' : ''}${oldest.days} days old`;
  const message = `${what} ${days}, of ${oldest.date.slice(0, 10)} (${shortCommit(oldest.commit)}), and ${limit} are allowed`;
  return finding(
    'value-old',
    { file, secret: address },
    message,
    `secrets rotate ${shellWord(address, emitted)}`,
  );
}

function textOf(old: readonly Age[]): string {
  if (old.length === 1) return `the value of ${old[0]?.key ?? ''} is`;
  const names = old.slice(0, MOST_NAMES).map(({ key }) => key);
  const rest = old.length - names.length;
  return `the oldest of ${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''} is`;
}

function shellWord(address: string, isOurs: boolean): string {
  return isOurs || /^[\w./@%+=:,][\w./@%+=:,-]*$/.test(address)
    ? address
    : `'${address.replaceAll("'", "'\\''")}'`;
}
