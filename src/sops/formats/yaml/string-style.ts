import { isBlank, isBlankOrEnd, isBreak, SPACE, TAB } from './chars.ts';
import { isPlainString } from './resolve.ts';

export type WrittenStyle = 'plain' | 'single' | 'double' | 'literal';

const OLD_BOOLEAN = /^(?:y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF)$/;
const BASE_60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;
const BEGINS_SYNTAX = /^(?:[#,[\]{}&*!|>'"%@`]|---|\.\.\.)/;
/** What is written without quotes and needs no closer look: most names and words. */
const SURELY_PLAIN = /^(?!(?:[yn]|yes|no|on|off|true|false|null)$)[A-Za-z_/][A-Za-z0-9_/.[\],=+-]*$/i;

interface Looks {
  readonly plain: boolean;
  readonly single: boolean;
  readonly block: boolean;
}

/**
 * The style in which go-yaml v3 writes a string (`encode.go` stringv, `emitterc.go` analyze_scalar and
 * select_scalar_style): plain where that reads back as the same string, literal where it holds a line feed.
 */
export function styleOfString(text: string): WrittenStyle {
  if (SURELY_PLAIN.test(text)) return 'plain';
  const looks = lookAt(text);
  if (text.includes('\n')) return looks.block ? 'literal' : 'double';
  if (!isPlainString(text) || OLD_BOOLEAN.test(text) || BASE_60.test(text)) return 'double';
  if (looks.plain) return 'plain';
  return looks.single ? 'single' : 'double';
}

/** True where the text holds anything that YAML takes for a line break. */
export function isMultiline(text: string): boolean {
  return /[\n\r\u0085\u2028\u2029]/.test(text);
}

/** True for what is written as it is; everything else becomes an escape in double quotes. */
export function isPrintable(point: number): boolean {
  return (
    point === 0x0a ||
    (point >= 0x20 && point <= 0x7e) ||
    (point >= 0xa0 && point <= 0xd7ff) ||
    (point >= 0xe000 && point <= 0xfffd && point !== 0xfeff)
  );
}

function lookAt(text: string): Looks {
  const special = [...text].some(char => char !== '\t' && !isPrintable(char.codePointAt(0) ?? 0));
  const spaceAroundBreak = hasBlankBesideBreak(text);
  const quotable = !(special || spaceAroundBreak.before || text.includes('\t'));
  const first = text.charCodeAt(0);
  const last = text.charCodeAt(text.length - 1);
  const outer = [first, last].some(c => c === SPACE || isBreak(c));
  return {
    plain: quotable && !outer && !isMultiline(text) && !hasSyntax(text),
    single: quotable && !spaceAroundBreak.after,
    block: !special && !spaceAroundBreak.before && last !== SPACE,
  };
}

/** A space directly before or after a line break. */
function hasBlankBesideBreak(text: string): { before: boolean; after: boolean } {
  return {
    before: / [\n\r\u0085\u2028\u2029]/.test(text),
    after: /[\n\r\u0085\u2028\u2029] /.test(text),
  };
}

/** Text that YAML would read as something else than one plain scalar. */
function hasSyntax(text: string): boolean {
  if (BEGINS_SYNTAX.test(text)) return true;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    const before = i === 0 ? SPACE : text.charCodeAt(i - 1);
    const after = i + 1 < text.length ? text.charCodeAt(i + 1) : SPACE;
    if (char === ':' && (isBlank(after) || after === TAB)) return true;
    if (char === '#' && isBlankOrEnd(before)) return true;
    if (i === 0 && (char === '?' || char === '-') && isBlank(after)) return true;
  }
  return false;
}
