import { decodeBech32 } from '../../age/bech32.ts';
import type { Hit, ScanRule, Source } from '../model.ts';
import { looksMadeUp } from '../random.ts';
import { isBorder, keywordPlaces, whole } from '../tokens/rule.ts';

const WHY = 'whoever reads it opens every file that is encrypted for it';
const REVOKE =
  'make a new key with secrets key new, put it in the place of the old one and give every secret a new value';

interface Kind {
  readonly keyword: string;
  readonly pattern: RegExp;
}

const X25519: Kind = {
  keyword: 'age-secret-key-1',
  pattern: /(?:AGE-SECRET-KEY|age-secret-key)-1([02-9AC-HJ-NP-Zac-hj-np-z]{58})(?![A-Za-z0-9])/y,
};
const POST_QUANTUM: Kind = {
  keyword: 'age-secret-key-pq-1',
  pattern: /(?:AGE-SECRET-KEY-PQ|age-secret-key-pq)-1([02-9AC-HJ-NP-Zac-hj-np-z]{58,3000})(?![A-Za-z0-9])/y,
};
const PLUGIN: Kind = {
  keyword: 'age-plugin-',
  pattern:
    /(?:AGE-PLUGIN-[A-Z0-9+._-]{1,40}-1|age-plugin-[a-z0-9+._-]{1,40}-1)([02-9AC-HJ-NP-Zac-hj-np-z]{6,4000})(?![A-Za-z0-9])/y,
};

/**
 * A key whose checksum fits is one whatever it looks like. With a wrong checksum it may be one with a typing mistake,
 * and is reported too, unless it looks made up.
 */
function* find(source: Source, { keyword, pattern }: Kind): Iterable<Hit> {
  for (const at of keywordPlaces(source, [keyword])) {
    if (source.loose !== true && !isBorder(source.text, at)) continue;
    pattern.lastIndex = at;
    const match = pattern.exec(source.text);
    if (match === null) continue;
    const body = match[1] ?? '';
    const isValid = typeof decodeBech32(match[0]) === 'object';
    if (isValid ? new Set(body).size <= 4 : body.length < 24 || looksMadeUp(body)) continue;
    yield whole(at, at + match[0].length);
  }
}

function ruleOf(id: string, title: string, kind: Kind): ScanRule {
  return {
    id,
    title,
    keywords: [kind.keyword],
    find: source => find(source, kind),
    why: WHY,
    revoke: REVOKE,
  };
}

/** Rules for age identities. */
export const AGE_RULES: readonly ScanRule[] = [
  ruleOf('age-secret-key', 'an age secret key', X25519),
  ruleOf('age-pq-secret-key', 'a post-quantum age secret key', POST_QUANTUM),
  ruleOf('age-plugin-identity', 'the identity of an age plugin', PLUGIN),
];
