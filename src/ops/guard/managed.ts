import type { SecretsError } from '../../errors.ts';
import type { IdentitySet } from '../../keys/sources.ts';
import {
  insideSecrets,
  isCatchAll,
  isClearByName,
  isPlaceholder,
  isPublicKind,
  mayBeClear,
} from '../../workspace/in-clear.ts';
import type { Rule } from '../../workspace/model.ts';
import { isAgeFile } from './age-file.ts';
import { ConfigTexts, type Governance, type TreeConfigs } from './configs.ts';
import { decryptedFiles } from './decrypted.ts';
import type { FileReport } from './file-flaws.ts';
import { findingOf } from './fixes.ts';
import { inTurns } from './in-turns.ts';
import type { MacReport, Unproven } from './mac-flaws.ts';
import { ruleName } from './rule-name.ts';
import type { Flaw, ManagedFinding, Snapshot } from './snapshot.ts';

/** What a check may use besides the files. */
export interface ManagedOptions {
  /** Where the MAC is to be checked too. Asked once, and only where there is a file to open; nobody is prompted. */
  readonly identities?: (() => Promise<IdentitySet>) | undefined;
  /** Told, in one line, what could not be checked. */
  readonly note?: ((line: string) => void) | undefined;
}

/** A path with what governs it now and governed it in the parent commit. */
interface Candidate {
  readonly path: string;
  readonly now: Governance;
  readonly former: Rule | null;
  /** What of the path is below `secrets/`; `null`: it is elsewhere. */
  readonly inside: string | null;
}

const AT_ONCE = 16;
const DEMANDS = new WeakMap<Rule, string>();
/** With one of these there is no sense in a MAC. */
const SPOILED = new Set(['managed-plaintext', 'managed-value', 'managed-metadata', 'managed-document']);

/**
 * Whether everything that has to be encrypted is, as the rules of the snapshot and of its parent say and not as the
 * files claim. Needs no key but for the MAC. Files that did not change are read only where their rule did.
 *
 * @returns findings by file and line, without any value
 */
export async function checkManaged(
  snapshot: Snapshot,
  options: ManagedOptions = {},
): Promise<ManagedFinding[]> {
  const [texts, formerTexts] = await Promise.all([ConfigTexts.of(snapshot), ConfigTexts.of(snapshot.parent)]);
  const same = snapshot.parent !== null && texts.equals(formerTexts);
  const concerned =
    same || snapshot.parent === null ? changedPaths(snapshot, texts.mentionNix) : snapshot.paths;
  const decrypted = await decryptedFiles(snapshot);
  if (concerned.length === 0 && decrypted.length === 0) return [];
  const now = await texts.load();
  const before = same ? now : await formerTexts.load();
  const candidates = candidatesOf(snapshot, concerned, now, before);
  const wanted = new Set(candidates.map(({ path }) => path));
  const there = new Set(snapshot.parent?.paths.filter(path => wanted.has(path)));
  const unproven: Unproven[] = [];
  const flaws = await inTurns(candidates, AT_ONCE, async candidate => {
    const found = await candidateFlaws(snapshot, candidate, there.has(candidate.path));
    const spoiled = found.flaws.some(({ rule }) => SPOILED.has(rule));
    if (found.text !== null && !spoiled) unproven.push({ file: candidate.path, text: found.text });
    return found.flaws.map(flaw => ({ file: candidate.path, flaw }));
  });
  const proof = await proofOf(unproven, options);
  const hasParent = snapshot.parent !== null;
  const said = new Set(flaws.flat().map(({ file }) => file));
  const others = decrypted.filter(({ file }) => !said.has(file));
  return [...brokenConfigs(snapshot, now, candidates), ...flaws.flat(), ...proof.flaws, ...others]
    .map(({ file, flaw }) => {
      const { config } = now.governing(file);
      return findingOf(flaw, { file, config, hasParent, wasThere: there.has(file) });
    })
    .sort(byPlace);
}

/** The changed paths, without those that may be in the clear whatever the configs say. */
function changedPaths({ paths, changed }: Snapshot, nixToo: boolean): readonly string[] {
  if (changed === null) return paths;
  return paths.filter(path => changed.has(path) && !isClearByName(path, nixToo));
}

async function proofOf(
  unproven: readonly Unproven[],
  { identities, note }: ManagedOptions,
): Promise<MacReport> {
  if (identities === undefined || unproven.length === 0) return { flaws: [], note: null };
  const { macFlaws } = await import('./mac-flaws.ts');
  const proof = await macFlaws(unproven, identities);
  if (proof.note !== null) note?.(proof.note);
  return proof;
}

/** The paths that rules concern and that may differ from what was checked before. */
function candidatesOf(
  { changed, parent }: Snapshot,
  paths: readonly string[],
  now: TreeConfigs,
  before: TreeConfigs,
): Candidate[] {
  const candidates = candidatesAmong(paths, now, before);
  if (changed === null || parent === null || now === before) return candidates;
  return candidates.filter(
    ({ path, now: { rule, broken }, former }) =>
      changed.has(path) || (broken === null && demandsOf(rule) !== demandsOf(former)),
  );
}

function candidatesAmong(paths: readonly string[], now: TreeConfigs, before: TreeConfigs): Candidate[] {
  const folders = new Set([...now.folders(), ...before.folders()]);
  const hasConfig = now.all().size + before.all().size > 0;
  return paths.flatMap(path => {
    if (!hasConfig && isPublicKind(path)) return [];
    const inside = insideSecrets(path, folders);
    const governance = now.governing(path);
    const former = before.governing(path).rule;
    const isConcerned = inside !== null || governance.config !== null || former !== null;
    const rule = governance.rule ?? former;
    if (!isConcerned || mayBeClear(path, inside, rule)) return [];
    return [{ path, now: governance, former, inside }];
  });
}

/** All that a rule says about a file, so that two rules can be compared. */
function demandsOf(rule: Rule | null): string {
  if (rule === null) return '';
  const known = DEMANDS.get(rule);
  if (known !== undefined) return known;
  const { groups, threshold, selection, macOnlyEncrypted } = rule;
  const demands = JSON.stringify([isCatchAll(rule), groups, threshold, selection, macOnlyEncrypted]);
  DEMANDS.set(rule, demands);
  return demands;
}

async function candidateFlaws(
  snapshot: Snapshot,
  { path, now, former, inside }: Candidate,
  wasThere: boolean,
): Promise<FileReport> {
  const { rule, inventory, broken } = now;
  if (broken !== null) return { flaws: [], text: null };
  const isNamed = [rule, former].some(each => each !== null && !isCatchAll(each));
  if (snapshot.links?.has(path) === true)
    return { flaws: inside !== null || isNamed ? [symbolicLink()] : [], text: null };
  if (rule === null && former === null && inside === null) return { flaws: [], text: null };
  const bytes = await snapshot.read(path);
  if (bytes === null) return { flaws: [unread()], text: null };
  if (bytes.length === 0 && isPlaceholder(path)) return { flaws: [], text: null };
  if (isAgeFile(path, bytes)) return { flaws: [], text: null };
  if (rule === null && former === null) return { flaws: [noRule()], text: null };
  const { fileFlaws } = await import('./file-flaws.ts');
  const found = await fileFlaws(path, bytes, {
    rule,
    inventory,
    former,
    wasThere,
    always: inside !== null,
  });
  const isNew = snapshot.changed === null || snapshot.changed.has(path);
  if (rule !== null && former !== null && isCatchAll(rule) && !isCatchAll(former) && inside === null)
    return wasThere && found.text !== null
      ? { ...found, flaws: [onlyCatchAll(former), ...found.flaws] }
      : found;
  if (rule !== null || former === null) return found;
  // What was never encrypted and does not change is no worse than before.
  if (!isNew && found.text === null) return { flaws: [], text: null };
  const gone = wasThere && (found.text !== null || found.flaws.length > 0);
  const flaws = [...(gone ? [ruleGone(former)] : []), ...(inside === null ? [] : [noRule()]), ...found.flaws];
  return { flaws, text: found.text };
}

function symbolicLink(): Flaw {
  return { rule: 'managed-document', message: 'it is a symbolic link: a managed file has to be a file' };
}

function unread(): Flaw {
  return { rule: 'managed-document', message: 'it could not be read, so that nothing is known of it' };
}

function noRule(): Flaw {
  return {
    rule: 'managed-no-rule',
    message: 'no rule of .sops.yaml governs it, and files below secrets/ need one',
  };
}

function ruleGone(former: Rule): Flaw {
  return {
    rule: 'rule-narrowed',
    message: `no rule governs it any more; in the parent commit ${ruleName(former)} did`,
  };
}

/** Below a rule for everything, plaintext is nobody's business. */
function onlyCatchAll(former: Rule): Flaw {
  return {
    rule: 'rule-narrowed',
    message: `only a rule for every file governs it now; in the parent commit ${ruleName(former)} did`,
  };
}

/** A config that does not load governs nothing, so that nothing below it is known to be right. */
function brokenConfigs(
  { changed }: Snapshot,
  now: TreeConfigs,
  candidates: readonly Candidate[],
): { file: string; flaw: Flaw }[] {
  const concerned = new Set(candidates.map(candidate => candidate.now.config));
  return [...now.broken()]
    .filter(([path]) => changed === null || changed.has(path) || concerned.has(path))
    .map(([file, error]) => ({ file, flaw: brokenConfig(error) }));
}

function brokenConfig({ message, line, column }: SecretsError): Flaw {
  return { rule: 'managed-config', message: `it does not load: ${message}`, line, column };
}

function byPlace(a: ManagedFinding, b: ManagedFinding): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}
