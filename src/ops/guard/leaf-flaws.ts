import type { FormatName } from '../../sops/formats/format.ts';
import { compileSelection, type Selection, type SelectionRule } from '../../sops/selection.ts';
import { Comment, type Scalar, type TreeList, TreeMap, type Value } from '../../sops/tree.ts';
import { type LeafPlace, mapLeaves } from '../../sops/walk.ts';
import { judgeValue } from './encrypted-value.ts';

/** A leaf that a rule wants encrypted. */
export interface SelectedLeaf {
  readonly path: readonly string[];
  readonly where: LeafPlace['where'];
  /** Which of the values of the file it is, comments and nulls left out, from 0; of a comment its text. */
  readonly place: number | string;
  /** Why it is not what sops writes; `null`: it is. */
  readonly problem: string | null;
}

/** What a selection wants of a file. */
export interface LeafReport {
  /** Leaves that have to be encrypted and are not. */
  readonly open: readonly SelectedLeaf[];
  /** How many leaves are selected, empty ones left out. */
  readonly selected: number;
  /** How many values there are, empty ones left out. */
  readonly values: number;
  /** One character for each leaf: whether it is selected. */
  readonly picture: string;
}

/**
 * Which leaves a rule wants encrypted, and which of them are not; needs no key.
 *
 * @param format of a binary file everything is encrypted, whatever the rule says
 * @throws SecretsError `BAD_METADATA` where the selection does not compile, `BAD_DOCUMENT`
 */
export function leafReport(
  documents: readonly TreeMap[],
  selection: Selection,
  format: FormatName,
): LeafReport {
  const rule = format === 'binary' ? EVERYTHING : compileSelection(selection);
  const walk = new LeafWalk();
  for (const document of documents) mapLeaves(document, rule, (leaf, place) => walk.see(leaf, place));
  return walk;
}

const EVERYTHING: SelectionRule = { onComments: false, encryptsHits: false, hits: () => false };

class LeafWalk implements LeafReport {
  readonly open: SelectedLeaf[] = [];
  selected = 0;
  values = 0;
  picture = '';
  #ordinal = 0;

  see(leaf: Scalar | Comment, place: LeafPlace): Scalar | Comment {
    const isComment = leaf instanceof Comment;
    const at = isComment ? leaf.text : this.#ordinal++;
    const isEmpty = isComment
      ? leaf.text === ''
      : leaf === '' || (leaf instanceof Uint8Array && leaf.length === 0);
    this.picture += place.selected && !isEmpty ? 'x' : '.';
    if (isEmpty) return leaf;
    if (!isComment) this.values++;
    const judged = judgeLeaf(leaf);
    if (place.selected) {
      this.selected++;
      const problem = 'problem' in judged ? judged.problem : misplaced(judged.type, place.where);
      if (problem !== null) this.open.push({ path: place.path, where: place.where, place: at, problem });
    }
    // sops writes an encrypted comment of a list as an element; comments above it still hold below it
    const hidden = place.where === 'element' && 'type' in judged && judged.type === 'comment';
    return hidden && typeof leaf === 'string' ? new Comment(leaf) : leaf;
  }
}

function judgeLeaf(leaf: Scalar | Comment): ReturnType<typeof judgeValue> {
  const text = leaf instanceof Comment ? leaf.text : leaf;
  return typeof text === 'string' ? judgeValue(text) : { problem: 'is not encrypted' };
}

function misplaced(type: string, where: LeafPlace['where']): string | null {
  if (where === 'comment' && type !== 'comment') return 'holds a value where a comment was';
  if (where === 'value' && type === 'comment') return 'holds a comment where a value was';
  return null;
}

/** The comments anywhere below a value. */
export function* commentsIn(value: Value | Comment | null): Generator<Comment> {
  if (value instanceof Comment) yield value;
  else if (value instanceof TreeMap) {
    for (const { key, value: child } of value.items) {
      if (key instanceof Comment) yield key;
      yield* commentsIn(child);
    }
  } else if (isList(value)) for (const element of value.elements) yield* commentsIn(element);
}

function isList(value: Value | null): value is TreeList {
  return typeof value === 'object' && value !== null && 'elements' in value;
}

/** True where a rule would encrypt a comment at the top level. */
export function encryptsTopComments(selection: Selection): boolean {
  const rule = compileSelection(selection);
  return !rule.onComments && !rule.encryptsHits;
}
