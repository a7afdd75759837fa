import { looksTyped } from './resolve.ts';

/** Words that go-yaml quotes although it reads them as text (YAML 1.1 booleans). */
const OLD_BOOLEANS = /^(?:y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF)$/;
const BASE_60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;
const BREAK = /[\n\r\u0085\u2028\u2029]/;

export type Style = 'plain' | 'single' | 'double' | 'literal';

/** The style in which go-yaml writes a text (`emitterc.go`, select_scalar_style). */
export function styleOf(text: string, literalAllowed: boolean): Style {
  if (text.includes('\n')) return literalAllowed && isBlockSafe(text) ? 'literal' : 'double';
  if (looksTyped(text) || OLD_BOOLEANS.test(text) || BASE_60.test(text)) return 'double';
  if (hasSpecial(text)) return 'double';
  if (text.includes('\u0085')) return 'double';
  if (BREAK.test(text)) return 'single';
  return needsQuotes(text) ? 'single' : 'plain';
}

/**
 * No blank at the end, none before a line break, nothing that needs an escape; and not one of the texts that
 * go-yaml writes wrongly (a tab or a newline at the start), which are quoted here instead.
 */
function isBlockSafe(text: string): boolean {
  return (
    !/[ ]$/.test(text) &&
    !/ [\n\u0085\u2028\u2029]/.test(text) &&
    !hasSpecial(text.replaceAll(/[\n\t]/g, '')) &&
    !text.startsWith("\t")
  );
}

/** Characters that only a double-quoted text can hold: control characters and whatever lies beyond U+FFFF. */
function hasSpecial(text: string): boolean {
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (!isPrintable(code)) return true;
  }
  return false;
}

/** True for what go-yaml writes as it is inside double quotes. */
export function isPrintable(code: number): boolean {
  if (code === 0x0a || (code >= 0x20 && code <= 0x7e) || code === 0x85) return true;
  return (code >= 0xa0 && code <= 0xd7ff) || (code >= 0xe000 && code <= 0xfffd && code !== 0xfeff);
}

function needsQuotes(text: string): boolean {
  return (
    /^[ ]|[ ]$/.test(text) ||
    /^[#,[\]{}&*!|>'"%@`]/.test(text) ||
    /^[-?:](?: |$)/.test(text) ||
    /^(?:---|\.\.\.)/.test(text) ||
    /: |:$| #/.test(text)
  );
}
