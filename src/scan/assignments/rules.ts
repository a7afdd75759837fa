import type { Hit, ScanRule, Source } from '../model.ts';
import { keywordPlaces } from '../tokens/rule.ts';
import { judge } from './judge.ts';
import { languageOf } from './language.ts';
import { type Assigned, assignedTo, nameAround } from './locate.ts';
import { classifyName, type NameClass, PASSWORD_KEYWORDS, TOKEN_KEYWORDS } from './names.ts';

/** Literal values behind names that promise a secret, in any syntax but that of Nix, which has rules of its own. */
export const ASSIGNMENT_RULES: readonly ScanRule[] = [
  {
    id: 'password-assignment',
    title: 'a password, written out where it is assigned',
    keywords: PASSWORD_KEYWORDS,
    why: 'whoever reads the file can log in with it',
    concerns: isNotNix,
    find: source => assignments(source, PASSWORD_KEYWORDS, 'password'),
  },
  {
    id: 'token-assignment',
    title: 'a token or key, written out where it is assigned',
    keywords: TOKEN_KEYWORDS,
    why: 'whoever reads the file can act in its name',
    concerns: isNotNix,
    find: source => assignments(source, TOKEN_KEYWORDS, 'token'),
  },
];

const REACH = 200;

/** What pages hand to everybody: the key of a search in documents, the address of a picture in a bucket. */
function isPublicHere(text: string, { value, nameStart, end }: Assigned): boolean {
  const before = text.slice(Math.max(0, nameStart - REACH), nameStart);
  if (/^[\da-f-]{36}$/.test(value) && /[?&]alt=media&$/.test(before)) return true;
  if (!/^[\da-f]{32}$/.test(value)) return false;
  return /\bappI[dD]["']?\s*:/.test(before) && /\bindexName["']?\s*:/.test(text.slice(end, end + REACH));
}

function isNotNix(path: string): boolean {
  return !path.toLowerCase().endsWith('.nix');
}

function* assignments(source: Source, keywords: readonly string[], wanted: NameClass): Iterable<Hit> {
  const { text } = source;
  const language = languageOf(source.path);
  let done = 0;
  for (const at of keywordPlaces(source, keywords)) {
    if (at < done) continue;
    const name = nameAround(text, at, done);
    done = name.end;
    if (classifyName(text.slice(name.start, name.end)) !== wanted) continue;
    const found = assignedTo(text, name, language.syntax);
    if (found === null) continue;
    // Each value is read once, so that values within values cannot make the whole slow.
    done = Math.max(done, found.end);
    if (judge(found, language) !== wanted || isPublicHere(text, found)) continue;
    yield { start: found.nameStart, end: found.end, secretStart: found.start, secretEnd: found.end };
  }
}
