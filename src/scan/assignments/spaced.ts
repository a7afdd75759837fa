import { isRandom } from './score.ts';
import { isReference, kindsOf, type Setting } from './value.ts';

/** Words of sentences, of forms and of what explains: no passphrase has them. */
const OF_SENTENCES =
  /^(?:the|an?|and|or|of|to|in|on|at|by|as|is|are|was|be|been|has|have|had|do|does|did|not|no|can|cannot|could|may|must|shall|should|will|would|for|from|with|without|into|onto|via|per|than|then|that|this|these|those|there|here|when|where|which|who|what|why|how|it|its|if|you|your|we|our|my|me|new|old|current|please|enter|type|choose|use|uses|using|used|set|sets|get|gets|see|run|only|also|any|all|some|more|least|most|again|repeat|confirm|change|reset|forgot|invalid|wrong|incorrect|required|optional|empty|blank|missing|file|files|path|string|value|values|name|user|users|service|server|login|sign|log|field|default|example|secret|secrets|token|tokens|key|keys|phrase|correct|horse|staple|\w{0,4}pass\w*|\w{0,4}char\w*)$/;
const LEAST_WORDS = 4;

/**
 * True for a password that has blanks in it, in quotes behind a name that promises one: sixteen letters in groups as
 * Google makes them, salts of every sign, and a passphrase of small words where configuration is.
 */
export function isSpacedPassword(value: string, setting: Setting): boolean {
  if (!/^[\x20-\x7e]{16,128}$/.test(value) || !value.includes(' ') || isReference(value)) return false;
  if (/^[a-z]{4}(?: [a-z]{4}){3}$/.test(value) && isRandom(value.replaceAll(' ', ''), 16)) return true;
  return isSalt(value) || (setting === 'config' && isSpoken(value));
}

/** As WordPress and Django make them: long, of every kind, a sign in every few characters. */
function isSalt(value: string): boolean {
  const signs = value.replace(/[A-Za-z\d]/g, '').length;
  return (
    value.length >= 40 &&
    kindsOf(value) === 4 &&
    signs >= value.length / 6 &&
    isRandom(value.replaceAll(' ', ''), 32)
  );
}

function isSpoken(value: string): boolean {
  const words = value.split(' ');
  return (
    words.length >= LEAST_WORDS &&
    new Set(words).size === words.length &&
    words.every(word => /^[a-z]{3,10}$/.test(word) && !OF_SENTENCES.test(word))
  );
}
