import { SecretsError } from '../../errors.ts';
import type { IdentitySet } from '../../keys/sources.ts';
import type { KnownTree, KnownValues } from '../../ops/guard/known-values.ts';
import { MANAGED_RULES, type Snapshot, type Tree } from '../../ops/guard/snapshot.ts';
import type { AllowEntry, AllowList } from '../../scan/allow-file.ts';
import { ALL_RULES, type LineRange, scanBytes } from '../../scan/engine.ts';
import { STRUCTURED_RULES } from '../../scan/structured.ts';
import type { GuardFinding, ScanResult, Unchecked } from './finding.ts';
import { ALLOW_FILE, type Piece, type Subject } from './subject.ts';

/** What a run may use. */
export interface ScanMeans {
  readonly now: () => number;
  readonly identities: () => Promise<IdentitySet>;
  /** Rules that are left out for this once. */
  readonly skipped: ReadonlySet<string>;
}

const KNOWN_VALUE = 'known-value';
const STRUCTURED: ReadonlySet<string> = new Set(STRUCTURED_RULES.map(({ id }) => id));
/** What stands for a credential in a name. */
const HIDDEN = '***';
/** What stands in a commit cannot be taken out of the index. */
const PAST =
  'mend it in that commit (git commit --amend, or git rebase -i); where it was pushed, what stood in the clear is known: make new values';
/** So many files of a line are named. */
const NAMED = 5;
const RENAME = 'give the file another name; what was pushed is known: make it invalid where it was issued';

/** Looks at everything of a subject; changes nothing and asks nobody. @throws SecretsError `BAD_ALLOW_LIST` and of git */
export async function runScan(subject: Subject, means: ScanMeans): Promise<ScanResult> {
  const gathered = new Gathered();
  let known: KnownValues | null | undefined;
  for await (const piece of subject.pieces()) {
    // only where there is something in which a value could stand
    if (known === undefined) known = await knownValues(await subject.managed(), means);
    await (piece.kind === 'names'
      ? lookAtNames(piece, known, means, gathered)
      : lookAt(piece, known, means, gathered));
  }
  for await (const { commit, snapshot } of subject.snapshots())
    if (concernsManaged(snapshot)) {
      const { checkManaged } = await import('../../ops/guard/managed.ts');
      const found = await checkManaged(snapshot, {
        identities: means.identities,
        note: line => gathered.notes.add(line),
      });
      for (const finding of found)
        if (subject.counts?.(finding.rule, commit) !== false)
          gathered.addManaged({
            ...finding,
            fix: commit === null ? finding.fix : PAST,
            commit,
            secret: null,
          });
    }
  for (const finding of (await subject.merge?.()) ?? [])
    gathered.findings.push({ ...finding, commit: null, secret: null });
  if (known?.note != null) gathered.notes.add(known.note);
  sayLeftOut(means.skipped, gathered);
  return sift(gathered, subject, means.skipped, known ?? null);
}

/** Rules that nobody has are told: a slip in a name leaves nothing out. */
function sayLeftOut(skipped: ReadonlySet<string>, { notes }: Gathered): void {
  const names = new Set([...ALL_RULES.map(({ id }) => id), ...Object.keys(MANAGED_RULES), KNOWN_VALUE]);
  const [left, unknown] = [true, false].map(has =>
    [...skipped].filter(rule => names.has(rule) === has).sort(),
  );
  if (left !== undefined && left.length > 0)
    notes.add(`left out, because SECRETS_SKIP says so: ${left.join(', ')}`);
  if (unknown !== undefined && unknown.length > 0)
    notes.add(`SECRETS_SKIP names what is no rule: ${unknown.join(', ')}`);
}

class Gathered {
  /** Names that hold a credential, as they may be shown. */
  readonly masked = new Map<string, string>();
  readonly findings: GuardFinding[] = [];
  readonly unchecked: Unchecked[] = [];
  readonly notes = new Set<string>();
  files = 0;
  readonly #managed = new Set<string>();

  /** A merge is held against each of its parents, and says the same of them. */
  addManaged(finding: GuardFinding): void {
    const { rule, file, line, column, message, commit } = finding;
    const said = JSON.stringify([rule, file, line, column, message, commit]);
    if (!this.#managed.has(said)) this.findings.push(finding);
    this.#managed.add(said);
  }
}

function concernsManaged(snapshot: Snapshot): boolean {
  const { parent, changed } = snapshot;
  if (parent !== null && changed?.size === 0) return false;
  return hasManaged(snapshot) || (parent !== null && hasManaged(parent));
}

/** Without a config, and without anything where secrets lie, there is nothing to load for. */
function hasManaged({ paths }: Tree): boolean {
  return paths.some(path => path.endsWith('.sops.yaml') || /^secrets\//i.test(path));
}

async function knownValues(trees: readonly KnownTree[], means: ScanMeans): Promise<KnownValues | null> {
  if (means.skipped.has(KNOWN_VALUE)) return null;
  const governed = trees.filter(({ tree }) => tree.paths.some(path => path.endsWith('.sops.yaml')));
  if (governed.length === 0) return null;
  const { loadKnownValues } = await import('../../ops/guard/known-values.ts');
  return loadKnownValues(governed, means.identities);
}

async function lookAt(
  piece: Piece,
  known: KnownValues | null,
  means: ScanMeans,
  gathered: Gathered,
): Promise<void> {
  const { path, commit, kind } = piece;
  if (kind === 'file') gathered.files += 1;
  const blob = await piece.read();
  if (!('bytes' in blob)) {
    gathered.unchecked.push({ file: path, reason: blob.unreadable });
    return;
  }
  const changed = await piece.changed(blob.bytes);
  const report = scanBytes(path, blob.bytes, { changed, now: means.now });
  if (report.unchecked !== null) gathered.unchecked.push({ file: path, reason: report.unchecked });
  const findings = kind === 'file' ? report.findings : report.findings.filter(isStructured);
  const found = [...findings, ...(await sightings(known, path, blob.bytes, changed))];
  for (const { rule, line, column, message, fix, secret } of found)
    gathered.findings.push({ rule, file: path, line, column, message, fix, commit, secret });
}

/** A name is a finding of its own, and no other finding may print it. */
async function lookAtNames(
  piece: Piece,
  known: KnownValues | null,
  means: ScanMeans,
  gathered: Gathered,
): Promise<void> {
  const blob = await piece.read();
  if (!('bytes' in blob)) return;
  const names = Buffer.from(blob.bytes).toString('utf8').split('\n');
  const report = scanBytes(piece.path, blob.bytes, { changed: null, now: means.now });
  const values = await sightings(known, piece.path, blob.bytes, null);
  for (const { rule, line, column, message, secret } of [
    ...report.findings.filter(isStructured),
    ...values,
  ]) {
    const name = names[line - 1] ?? '';
    const file = (gathered.masked.get(name) ?? name).replaceAll(secret.reveal(), HIDDEN);
    gathered.masked.set(name, file);
    const found = { rule, file: name, line: 1, column, message: `in its name: ${message}`, fix: RENAME };
    gathered.findings.push({ ...found, commit: piece.commit, secret });
  }
}

function isStructured({ rule }: { readonly rule: string }): boolean {
  return STRUCTURED.has(rule);
}

async function sightings(
  known: KnownValues | null,
  path: string,
  bytes: Uint8Array,
  changed: readonly LineRange[] | null,
) {
  if (known === null || known.size === 0) return [];
  const { findKnownValues } = await import('../../ops/guard/known-values.ts');
  return findKnownValues(known, path, bytes, changed);
}

/** The allow file of what is looked at, so that a commit that brings one is judged by it. */
async function allowList(subject: Subject): Promise<AllowList | null> {
  const file = await subject.allowFile();
  if (file === null) return null;
  if (file.isLink) throw new SecretsError('BAD_ALLOW_LIST', 'it is a symbolic link', { file: ALLOW_FILE });
  const { parseAllowFile } = await import('../../scan/allow-file.ts');
  const list = parseAllowFile(file.bytes, ALLOW_FILE);
  const whole = list.entries.find(({ rule, path }) => rule in MANAGED_RULES && /^[*/?]+$/.test(path));
  if (whole === undefined) return list;
  throw new SecretsError('BAD_ALLOW_LIST', `${whole.rule} cannot be allowed for every file at once`, {
    file: ALLOW_FILE,
    line: whole.line,
    hint: 'name the file, or a folder: path: k8s/**',
  });
}

async function sift(
  { findings: all, unchecked, notes, files, masked }: Gathered,
  subject: Subject,
  skipped: ReadonlySet<string>,
  known: KnownValues | null,
): Promise<ScanResult> {
  const list = await allowList(subject);
  const findings = masked.size === 0 ? all : all.map(each => hidden(each, masked));
  const wanted = findings.filter(({ rule }) => !skipped.has(rule));
  const { rest, unused } =
    list === null ? { rest: wanted, unused: [] } : await notAllowed(wanted, list, subject.isWhole);
  // of what was not looked for nothing is known
  const unseen = new Set([...skipped, 'rule-narrowed', ...(known?.note === null ? [] : [KNOWN_VALUE])]);
  for (const { rule, path, line } of unused)
    if (!unseen.has(rule))
      notes.add(`${ALLOW_FILE}:${line}: nothing in the work tree needs the entry for ${rule} in ${path}`);
  const managed = wanted.filter(each => each.rule in MANAGED_RULES && !rest.includes(each));
  // whoever lets plaintext through, be it with the very commit that brings it, does not do so unseen
  for (const rule of new Set(managed.map(each => each.rule))) notes.add(letThrough(rule, managed));
  return {
    findings: rest.sort(byPlace),
    unchecked: unchecked.map(({ file, reason }) => ({ file: masked.get(file) ?? file, reason })),
    allowed: wanted.length - rest.length,
    files,
    notes: [...notes],
  };
}

function hidden(each: GuardFinding, masked: ReadonlyMap<string, string>): GuardFinding {
  let { file, message, fix } = each;
  for (const [name, shown] of masked) {
    if (file === name) file = shown;
    message = message.replaceAll(name, shown);
    fix = fix.replaceAll(name, shown);
  }
  return { ...each, file, message, fix };
}

function letThrough(rule: string, managed: readonly GuardFinding[]): string {
  const files = [...new Set(managed.filter(each => each.rule === rule).map(({ file }) => file))].sort();
  const more = files.length > NAMED ? ` and ${files.length - NAMED} more` : '';
  return `${ALLOW_FILE} lets ${rule} through in ${files.slice(0, NAMED).join(', ')}${more}`;
}

async function notAllowed(
  findings: readonly GuardFinding[],
  list: AllowList,
  isWhole: boolean,
): Promise<{ rest: GuardFinding[]; unused: readonly AllowEntry[] }> {
  if (findings.length === 0 && !isWhole) return { rest: [], unused: [] };
  const [{ Allowances }, { fingerprintOf }] = await Promise.all([
    import('../../scan/allow-file.ts'),
    import('./fingerprint.ts'),
  ]);
  const allowances = new Allowances(list);
  const prints = new Map<string, string>();
  const printOf = (rule: string, value: string): string => {
    const place = `${rule}\0${value}`;
    const print = prints.get(place) ?? fingerprintOf(list.key, rule, value);
    prints.set(place, print);
    return print;
  };
  const rest = findings.filter(({ rule, file, secret }) => {
    const fingerprint = () => (secret === null ? null : printOf(rule, secret.reveal()));
    return !allowances.allows({ rule, path: file, fingerprint });
  });
  return { rest, unused: isWhole ? allowances.unused() : [] };
}

function byPlace(a: GuardFinding, b: GuardFinding): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column || (a.rule < b.rule ? -1 : 1);
}
