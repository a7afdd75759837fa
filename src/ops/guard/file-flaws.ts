import { SecretsError } from '../../errors.ts';
import { isCatchAll } from '../../workspace/in-clear.ts';
import type { Inventory, Rule } from '../../workspace/model.ts';
import { readerName } from '../drift/describe-drift.ts';
import { conflictLine, documentFlaws } from './document-flaws.ts';
import {
  commentsIn,
  encryptsTopComments,
  type LeafReport,
  leafReport,
  type SelectedLeaf,
} from './leaf-flaws.ts';
import { leafPlaces } from './leaf-places.ts';
import { metadataFlaws } from './metadata-flaws.ts';
import { pathName } from './names.ts';
import { mayEncryptLess } from './narrowed.ts';
import { type ManagedText, readManaged, readPlain } from './read-managed.ts';
import { ruleFlaws } from './rule-flaws.ts';
import { ruleName } from './rule-name.ts';
import type { Flaw } from './snapshot.ts';

/** What a file has to satisfy. At least one of the rules is there. */
export interface Demands {
  /** Of what is about to be committed. */
  readonly rule: Rule | null;
  readonly inventory: Inventory | null;
  /** Of the parent commit, which may have wanted more. */
  readonly former: Rule | null;
  /** True where the file is in the parent commit too. */
  readonly wasThere: boolean;
  /** The file has to be encrypted whoever asks: it lies below `secrets/`. */
  readonly always: boolean;
}

/** What came of a file; `text` where it was read as a sops file. */
export interface FileReport {
  readonly flaws: readonly Flaw[];
  readonly text: ManagedText | null;
}

/** So many leaves of one file are named; who has more wrote the whole file in the clear. */
const MOST_LEAVES = 20;
const METADATA_MARKS = [/(^|[\s"'{,])sops["']?\s*:/m, /^sops_\w+=/m, /^\[sops\]/m];
const NONE: FileReport = { flaws: [], text: null };

/**
 * Everything that is wrong with one managed file, as far as that can be seen without a key. Never throws for any bytes.
 */
export async function fileFlaws(path: string, bytes: Uint8Array, demands: Demands): Promise<FileReport> {
  const conflict = conflictLine(bytes);
  try {
    const text = await readManaged(path, bytes);
    const isOurs = demands.always || isExplicit(demands) || isSopsBlock(text);
    return isOurs ? { flaws: [...conflictFlaws(conflict), ...(await textFlaws(text, demands))], text } : NONE;
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error;
    if (!demands.always && !isExplicit(demands) && !looksLikeSops(bytes)) return NONE;
    if (conflict !== null) return { flaws: conflictFlaws(conflict), text: null };
    if (
      bytes.length > 0 &&
      error.code !== 'NOT_ENCRYPTED' &&
      METADATA_MARKS.some(mark => mark.test(latin1(bytes)))
    )
      return { flaws: [unreadable(error)], text: null };
    return { flaws: await plainFlaws(path, bytes, demands, error), text: null };
  }
}

/** True where a rule was written for this path, not for every path. */
function isExplicit({ rule, former }: Demands): boolean {
  return [rule, former].some(each => each !== null && !isCatchAll(each));
}

/** A file under a catch-all rule may have a key `sops` of its own, as a job of a workflow. */
function isSopsBlock({ metadata }: ManagedText): boolean {
  return metadata.mac !== '' || metadata.groups.length > 0;
}

/** Under a catch-all rule, what is neither sops nor meant to be is nobody's business. */
function looksLikeSops(bytes: Uint8Array): boolean {
  const text = latin1(bytes);
  return text.includes('ENC[AES256_GCM,') && METADATA_MARKS.some(mark => mark.test(text));
}

function conflictFlaws(line: number | null): Flaw[] {
  if (line === null) return [];
  return [{ rule: 'managed-document', message: 'it holds conflict markers of a merge', line }];
}

function unreadable(error: SecretsError): Flaw {
  const rule = error.code === 'BAD_METADATA' ? 'managed-metadata' : 'managed-document';
  const message = error.code === 'BAD_METADATA' ? error.message : `it cannot be read: ${error.message}`;
  return { rule, message, line: error.line, column: error.column };
}

/** A file without sops metadata. One in which the rules encrypt nothing is as it should be. */
async function plainFlaws(
  path: string,
  bytes: Uint8Array,
  demands: Demands,
  why: SecretsError,
): Promise<Flaw[]> {
  if (bytes.length === 0) return [{ rule: 'managed-document', message: 'it is empty: no sops file is' }];
  const rules = [demands.rule, demands.former].filter(rule => rule !== null);
  if (!demands.always && rules.every(rule => Object.keys(rule.selection).length > 0)) {
    const documents = await readPlain(path, bytes);
    if (documents !== null && !rules.some(rule => selectsAny(documents, rule, path))) return [];
  }
  const rule = demands.rule ?? demands.former;
  const governed = rule === null ? 'files below secrets/ are encrypted' : `${ruleName(rule)} governs it`;
  const detail = why.code === 'NOT_ENCRYPTED' ? '' : ` (and does not parse: ${why.message})`;
  const isFormer = demands.rule === null && demands.former !== null;
  return [
    {
      rule: 'managed-plaintext',
      message: `it is not encrypted, and ${governed}${isFormer ? ' in the parent commit' : ''}${detail}`,
    },
  ];
}

function selectsAny(documents: Parameters<typeof leafReport>[0], rule: Rule, path: string): boolean {
  try {
    return (
      leafReport(documents, rule.selection, /\.(ya?ml|json|env|ini)$/.test(path) ? 'yaml' : 'binary')
        .selected > 0
    );
  } catch (error) {
    if (error instanceof SecretsError) return true;
    throw error;
  }
}

async function textFlaws(text: ManagedText, demands: Demands): Promise<Flaw[]> {
  const { rule, inventory } = demands;
  const flaws = [
    ...documentFlaws(text),
    ...metadataFlaws(text.blocks, text.metadata, recipient => readerName(inventory, recipient)),
  ];
  if (rule !== null) flaws.push(...ruleFlaws(text, rule, inventory));
  flaws.push(...(await valueFlaws(text, demands)));
  return flaws;
}

/** Values in the clear, by the rule, by the parent's rule where that wants more, and by neither. */
async function valueFlaws(text: ManagedText, { rule, former, wasThere }: Demands): Promise<Flaw[]> {
  const now = rule === null ? null : reportOf(text, rule);
  const before = former === null || sameSelection(rule, former) ? now : reportOf(text, former);
  if (now instanceof SecretsError) return [{ rule: 'managed-config', message: now.message }];
  const flaws: Flaw[] = [];
  if (now !== null)
    flaws.push(...(await openFlaws(text, now.open, 'managed-value')), ...commentFlaws(text, rule));
  const isJudged = before !== null && !(before instanceof SecretsError);
  if (isJudged && before !== now && former !== null) {
    const loss = narrowed(rule, former, now, before);
    flaws.push(...(loss.length === 0 && wasThere ? mayNarrow(rule, former) : loss));
    const known = new Set(now?.open.map(leaf => leaf.place));
    const open = before.open.filter(leaf => !known.has(leaf.place));
    flaws.push(...(await openFlaws(text, open, rule === null ? 'managed-value' : 'rule-narrowed')));
  }
  const report = now ?? (isJudged ? before : null);
  if (report !== null && report.values > 0 && report.selected === 0)
    flaws.push(nothingEncrypted(rule ?? former));
  return flaws;
}

function reportOf({ documents, format }: ManagedText, rule: Rule): LeafReport | SecretsError {
  try {
    return leafReport(documents, rule.selection, format);
  } catch (error) {
    if (error instanceof SecretsError) return error;
    throw error;
  }
}

function sameSelection(one: Rule | null, other: Rule): boolean {
  return one !== null && JSON.stringify(one.selection) === JSON.stringify(other.selection);
}

function narrowed(rule: Rule | null, former: Rule, now: LeafReport | null, before: LeafReport): Flaw[] {
  if (rule === null) return [];
  const lost = [...before.picture].some((each, index) => each === 'x' && now?.picture[index] !== 'x');
  if (!lost) return [];
  const message = `${ruleName(rule)} encrypts less of it than ${ruleName(former)} did in the parent commit`;
  return [{ rule: 'rule-narrowed', message }];
}

/** Nothing of the file is lost yet; what comes into it next would be. */
function mayNarrow(rule: Rule | null, former: Rule): Flaw[] {
  if (rule === null || !mayEncryptLess(rule.selection, former.selection)) return [];
  const message = `${ruleName(rule)} says otherwise than in the parent commit which values are encrypted: what comes into the file may stay in the clear`;
  return [{ rule: 'rule-narrowed', message }];
}

function nothingEncrypted(rule: Rule | null): Flaw {
  const who = rule === null ? 'its rule' : ruleName(rule);
  return { rule: 'managed-value', message: `nothing in it is encrypted: ${who} selects none of its values` };
}

async function openFlaws(
  text: ManagedText,
  open: readonly SelectedLeaf[],
  rule: 'managed-value' | 'rule-narrowed',
): Promise<Flaw[]> {
  const named = open.slice(0, MOST_LEAVES);
  const places = await leafPlaces(text.bytes, text.format, named);
  const flaws: Flaw[] = named.map((leaf, index) => ({
    rule,
    message: `${leafName(leaf)} ${leaf.problem}${rule === 'rule-narrowed' ? ', and the rule of the parent commit wants it to be' : ''}`,
    ...places[index],
  }));
  if (open.length > named.length)
    flaws.push({ rule, message: `${open.length - named.length} more of its values are in the clear` });
  return flaws;
}

function leafName({ path, where }: SelectedLeaf): string {
  if (where === 'comment')
    return `a comment ${path.length === 0 ? 'at the top level' : `in ${pathName(path)}`}`;
  return where === 'element' ? `an element of ${pathName(path)}` : `the value of ${pathName(path)}`;
}

/** sops reads no comment of its block, and writes none. */
function commentFlaws({ blocks }: ManagedText, rule: Rule | null): Flaw[] {
  if (rule === null || !encryptsTopComments(rule.selection)) return [];
  const comments = blocks.flatMap(block => [...commentsIn(block)]).filter(({ text }) => text.trim() !== '');
  return comments.length === 0
    ? []
    : [{ rule: 'managed-value', message: 'a comment in the sops metadata is not encrypted' }];
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
