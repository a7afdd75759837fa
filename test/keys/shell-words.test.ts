import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitShellWords } from '../../src/keys/shell-words.ts';

describe('splitShellWords', () => {
  it.each<[string, string[] | null]>([
    ['', []],
    ['  \t\r\n ', []],
    ['age -d  keys.age', ['age', '-d', 'keys.age']],
    ['a "b c" d', ['a', 'b c', 'd']],
    ["a 'b \"c\\' d", ['a', 'b "c\\', 'd']],
    ['a "b \\" \\n c"', ['a', 'b " n c']],
    ['a\\ b c\\\\', ['a b', 'c\\']],
    ['a""b \'\' ""', ['ab', '', '']],
    ['pre"mid"\'post\'', ['premidpost']],
    ['a #b c\nd', ['a', 'd']],
    ['a#b', ['a#b']],
    ['# only', []],
    ['""#a', ['#a']],
    [
      'echo $HOME `x` $(y) ~ * ; | & > <',
      ['echo', '$HOME', '`x`', '$(y)', '~', '*', ';', '|', '&', '>', '<'],
    ],
    ['a "b', null],
    ["a 'b", null],
    ['a \\', null],
    ['a "b\\', null],
    ['é "日本 語"', ['é', '日本 語']],
  ])('%j gives %j', (text, words) => {
    expect(splitShellWords(text)).toEqual(words);
  });

  it('gives back words that were quoted in any of the three ways', () => {
    const quote = fc.constantFrom(
      (word: string) => `'${word.replaceAll("'", `'"'"'`)}'`,
      (word: string) => `"${word.replace(/["\\]/g, '\\$&')}"`,
      (word: string) => (word === '' ? '""' : [...word].map(char => `\\${char}`).join('')),
    );
    const word = fc.string({ unit: 'grapheme', maxLength: 12 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(word, quote), { maxLength: 6 }),
        fc.constantFrom(' ', '\t \n'),
        (list, gap) => {
          expect(splitShellWords(list.map(([text, how]) => how(text)).join(gap))).toEqual(
            list.map(([text]) => text),
          );
        },
      ),
    );
  });
});
