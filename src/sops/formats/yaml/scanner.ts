import { code, END, isBlankOrEnd, isBreak, SPACE, TAB } from './chars.ts';
import type { Mark } from './cursor.ts';
import { badDocument } from './failure.ts';
import { scanBlockScalar } from './scan-block-scalar.ts';
import { scanComments, scanLineComment } from './scan-comments.ts';
import { scanAnchor, scanDirective, scanTag } from './scan-names.ts';
import { scanPlain } from './scan-plain.ts';
import { scanQuoted } from './scan-quoted.ts';
import { ScanState } from './scan-state.ts';

/** Characters that begin no plain scalar. */
const INDICATORS = new Set([...'-?:,[]{}#&*!|>\'"%@`'].map(code));

/**
 * Turns text into tokens, and attaches comments to them as go-yaml v3 does (`scannerc.go`): the placing of
 * comments decides what sops encrypts and where it prints them.
 */
export class Scanner {
  readonly state: ScanState;
  #started = false;

  constructor(text: string) {
    this.state = new ScanState(text);
  }

  /** Scans until the first token in the queue can be consumed. */
  ready(): void {
    while (!this.state.isReady()) this.#next();
  }

  #next(): void {
    const { state } = this;
    const { cursor } = state;
    const scan = cursor.mark();
    if (!this.#started) {
      this.#started = true;
      state.push('stream-start', scan, scan);
      return;
    }
    skipToToken(state, scan);
    state.closeBlocks(cursor.column, scan);
    if (cursor.peek() === END) endStream(state);
    else if (cursor.column === 0 && cursor.peek() === code('%')) {
      endBlocks(state);
      scanDirective(state);
    } else if (cursor.atDocumentMarker()) {
      endBlocks(state);
      state.pushIndicator(cursor.sees('---') ? 'document-start' : 'document-end', 3);
    } else {
      const owner = ownerOfLineComment(state);
      scanToken(state);
      // A dash alone has no comment: it becomes a head comment of what follows.
      if (state.recent(0)?.type !== 'block-entry') scanLineComment(state, owner);
    }
  }
}

/** A comment behind `key:` and behind `item,` belongs to the token before the indicator. */
function ownerOfLineComment(state: ScanState): Mark {
  const c = state.cursor.peek();
  const ofPrior = state.flowLevel === 0 ? c === code(':') : c === code(',');
  return (ofPrior ? state.recent(0)?.start : undefined) ?? state.cursor.mark();
}

/** Steps over blanks, line breaks and comments. */
function skipToToken(state: ScanState, scan: Mark): void {
  const { cursor } = state;
  for (;;) {
    while (cursor.peek() === SPACE || (cursor.peek() === TAB && tabsAreBlank(state))) cursor.advance();
    reassignDashComment(state);
    if (cursor.peek() === code('#')) scanComments(state, scan);
    if (!isBreak(cursor.peek())) return;
    cursor.takeBreak();
    if (state.flowLevel === 0) state.simpleKeyAllowed = true;
  }
}

/** In block context a tab must not stand where it could indent. */
function tabsAreBlank(state: ScanState): boolean {
  return state.flowLevel > 0 || !state.simpleKeyAllowed;
}

/** `- # comment` with content on the next line: the comment is a head comment of that content. */
function reassignDashComment(state: ScanState): void {
  const comment = state.lastComment();
  if (comment?.kind !== 'line' || isBreak(state.cursor.peek())) return;
  if (state.recent(0)?.type !== 'block-entry' || state.recent(1)?.type !== 'block-sequence-start') return;
  comment.kind = 'head';
  if (comment.start.line === state.cursor.line - 1) comment.owner = state.cursor.mark();
}

function endBlocks(state: ScanState): void {
  state.closeBlocks(-1, state.cursor.mark());
  state.removeSimpleKey();
  state.simpleKeyAllowed = false;
}

function endStream(state: ScanState): void {
  state.cursor.closeLine();
  endBlocks(state);
  const mark = state.cursor.mark();
  state.push('stream-end', mark, mark);
}

function scanToken(state: ScanState): void {
  const { cursor } = state;
  const c = cursor.peek();
  const spaced = isBlankOrEnd(cursor.peek(1));
  const inFlow = state.flowLevel > 0;
  if (c === code('[')) openFlow(state, 'flow-sequence-start');
  else if (c === code('{')) openFlow(state, 'flow-mapping-start');
  else if (c === code(']')) closeFlow(state, 'flow-sequence-end');
  else if (c === code('}')) closeFlow(state, 'flow-mapping-end');
  else if (c === code(',')) flowEntry(state);
  else if (c === code('-') && spaced) blockEntry(state);
  else if (c === code('?') && (inFlow || spaced)) complexKey(state);
  else if (c === code(':') && (inFlow || spaced)) value(state);
  else if ((c === code('|') || c === code('>')) && !inFlow) blockScalar(state, c === code('|'));
  else word(state, c);
}

/** Everything that may begin a simple key. */
function word(state: ScanState, c: number): void {
  const scan = wordScanner(state, c);
  state.saveSimpleKey();
  state.simpleKeyAllowed = false;
  scan();
}

function wordScanner(state: ScanState, c: number): () => void {
  if (c === code('*')) return () => scanAnchor(state, 'alias');
  if (c === code('&')) return () => scanAnchor(state, 'anchor');
  if (c === code('!')) return () => scanTag(state);
  if (c === code("'")) return () => scanQuoted(state, 'single');
  if (c === code('"')) return () => scanQuoted(state, 'double');
  if (beginsPlain(state, c)) return () => scanPlain(state);
  throw badDocument('a character that can begin neither a key nor a value', state.cursor.mark());
}

function beginsPlain({ cursor, flowLevel }: ScanState, c: number): boolean {
  const next = cursor.peek(1);
  if (c === code('-')) return next !== SPACE && next !== TAB;
  if (c === code('?') || c === code(':')) return flowLevel === 0 && !isBlankOrEnd(next);
  return c !== TAB && !INDICATORS.has(c);
}

function openFlow(state: ScanState, type: 'flow-sequence-start' | 'flow-mapping-start'): void {
  state.saveSimpleKey();
  state.enterFlow();
  state.simpleKeyAllowed = true;
  state.pushIndicator(type);
}

function closeFlow(state: ScanState, type: 'flow-sequence-end' | 'flow-mapping-end'): void {
  state.removeSimpleKey();
  state.leaveFlow();
  state.simpleKeyAllowed = false;
  state.pushIndicator(type);
}

function flowEntry(state: ScanState): void {
  state.removeSimpleKey();
  state.simpleKeyAllowed = true;
  state.pushIndicator('flow-entry');
}

function blockEntry(state: ScanState): void {
  if (state.flowLevel === 0) {
    if (!state.simpleKeyAllowed) throw badDocument('a list item cannot begin here', state.cursor.mark());
    state.openBlock('block-sequence-start', state.cursor.mark());
  }
  state.removeSimpleKey();
  state.simpleKeyAllowed = true;
  state.pushIndicator('block-entry');
}

function complexKey(state: ScanState): void {
  openMapping(state, 'a key cannot begin here');
  state.removeSimpleKey();
  state.simpleKeyAllowed = state.flowLevel === 0;
  state.pushIndicator('key');
}

function value(state: ScanState): void {
  if (state.settleSimpleKey()) {
    state.simpleKeyAllowed = false;
  } else {
    openMapping(state, 'a value cannot begin here');
    state.simpleKeyAllowed = state.flowLevel === 0;
  }
  state.pushIndicator('value');
}

function openMapping(state: ScanState, refusal: string): void {
  if (state.flowLevel > 0) return;
  if (!state.simpleKeyAllowed) throw badDocument(refusal, state.cursor.mark());
  state.openBlock('block-mapping-start', state.cursor.mark());
}

function blockScalar(state: ScanState, literal: boolean): void {
  state.removeSimpleKey();
  state.simpleKeyAllowed = true;
  scanBlockScalar(state, literal ? 'literal' : 'folded');
}
