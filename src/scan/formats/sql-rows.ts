import { languageOf } from '../assignments/language.ts';
import { classifyName } from '../assignments/names.ts';
import { isRandom } from '../assignments/score.ts';
import { isDescription, isHumanPassword, isPlaceholder, isReference } from '../assignments/value.ts';
import type { Hit, ScanRule, Source } from '../model.ts';
import { keywordPlaces } from '../tokens/rule.ts';
import { hit } from './found.ts';

const KEYWORDS = ['insert into'];
const COLUMNS =
  /insert into[ \t]{1,8}[\w."`[\]]{1,128}[ \t]{0,8}\((?<columns>[^()]{1,1000})\)\s{1,40}values\s{0,40}/iy;
const FIELD =
  /\s{0,40}(?:'(?<text>(?:[^'\\\n]|''|\\.){0,512})'|[^,()'\n]{0,200}|[\w.]{1,40}\([^()\n]{0,200}\))\s{0,40}(?<next>[,)])/dy;
const MOST_ROWS = 2000;

/** Values below a column of a table of a database that is called a password. */
export const SQL_ROW: ScanRule = {
  id: 'sql-row',
  title: 'a password in a row of a database',
  keywords: KEYWORDS,
  why: 'its column says what it is',
  find: rows,
};

function* rows(source: Source): Iterable<Hit> {
  const { text } = source;
  let done = 0;
  for (const at of keywordPlaces(source, KEYWORDS)) {
    if (at < done) continue;
    COLUMNS.lastIndex = at;
    const columns = COLUMNS.exec(text)?.groups?.['columns'];
    if (columns === undefined) continue;
    const wanted = columns.split(',').findIndex(name => classifyName(name.replace(/[^\w]/g, '')) !== null);
    done = COLUMNS.lastIndex;
    if (wanted < 0) continue;
    for (const found of values(source, done, wanted)) {
      if (typeof found === 'number') done = found;
      else yield found;
    }
  }
}

/** The fields of a column in `(…), (…)`; then where they end. */
function* values({ path, text }: Source, from: number, wanted: number): Iterable<Hit | number> {
  const { setting } = languageOf(path);
  let at = from;
  for (let row = 0; row < MOST_ROWS && text.charAt(at) === '('; row += 1) {
    at += 1;
    for (let column = 0; ; column += 1) {
      FIELD.lastIndex = at;
      const match = FIELD.exec(text);
      if (match === null) return yield at;
      at = FIELD.lastIndex;
      const place = match.indices?.groups?.['text'];
      const value = match.groups?.['text'] ?? '';
      if (
        column === wanted &&
        place !== undefined &&
        isRowValue(value, setting === 'code' ? 'config' : setting)
      ) {
        yield hit(place[0], place[1], place[0], place[1]);
      }
      if (match.groups?.['next'] === ')') break;
    }
    at += /^\s{0,40},?\s{0,40}/.exec(text.slice(at, at + 90))?.[0].length ?? 0;
  }
  yield at;
}

function isRowValue(value: string, setting: 'config' | 'code' | 'story' | 'trial'): boolean {
  if (value.length < 6 || isReference(value) || isPlaceholder(value) || isDescription(value)) return false;
  if (/^[0-9a-f]{32}$|^[0-9a-f]{40}$|^[0-9a-f]{64}$|^[0-9a-f]{128}$/i.test(value)) return false;
  return isRandom(value) || isHumanPassword(value, setting);
}
