import { expect, it } from 'vitest';
import { readEnvironmentFile } from './environment-file.ts';

const CASES: readonly (readonly [rule: string, text: string, variables: Readonly<Record<string, string>>])[] =
  [
    ['a line is a variable, the last one without a line end too', 'A=1\nB=2', { A: '1', B: '2' }],
    ['a value may be empty', 'A=\nB=', { A: '', B: '' }],
    ['a value goes on behind further =', 'A=b=c==', { A: 'b=c==' }],
    ['# and ; begin a comment at the start of a line', '#A=1\n;B=2\n  # C=3\nD=4', { D: '4' }],
    ['# and ; are text elsewhere', 'A=b # c ; d', { A: 'b # c ; d' }],
    ['a backslash does not continue a comment', '# a\\\nA=1', { A: '1' }],
    ['blanks around name and value go', ' \tA \t= \t1 2 \t\n', { A: '1 2' }],
    ['an escaped blank stays', 'A=1\\ \nB=2', { A: '1 ', B: '2' }],
    ['a backslash at the end of a line continues it', 'A=1\\\n2\nB=3', { A: '12', B: '3' }],
    ['an unquoted backslash drops itself', 'A=a\\b\\n\\\\c', { A: 'abn\\c' }],
    ['single quotes are literal', `A='a\\n "$B" # c '`, { A: 'a\\n "$B" # c ' }],
    ['in double quotes a backslash takes four characters', 'A="\\"\\\\\\`\\$"', { A: '"\\`$' }],
    ['before any other one it stays', 'A="\\n\\x"', { A: '\\n\\x' }],
    ['and a line end goes with it', 'A="1\\\n2"', { A: '12' }],
    ['quoted values span lines', `A="1\n2\n"\nB='3\n4'`, { A: '1\n2\n', B: '3\n4' }],
    ['quotes behind text are text', `A=x "y" 'z'`, { A: `x "y" 'z'` }],
    ['pieces join', `A="x" y\nB='1'"2"3`, { A: 'xy', B: '123' }],
    ['an open quote takes in what follows', 'A="1\nB=2\n', { A: '1\nB=2\n' }],
    ['nothing is expanded', 'A=1\nB=$A ${A} $(id) %h', { A: '1', B: '$A ${A} $(id) %h' }],
    ['the last one wins', 'A=1\nA=2', { A: '2' }],
    ['other names are not set', 'export A=1\nB-C=2\nD.E=3\n4F=5\n=6\né=7\n_g9=8', { _g9: '8' }],
    ['nor the first name after a byte order mark', '\uFEFFA=1\nB=2', { B: '2' }],
    ['a line without = is left out', 'nothing\nA=1\nend', { A: '1' }],
    ['CR ends a line outside of quotes', 'A=1\r\nB="2\r\n"\r\n', { A: '1', B: '2\r\n' }],
    ['other characters pass', 'A=żółć 🦉\u0001', { A: 'żółć 🦉\u0001' }],
  ];

it.each(CASES)('%s', (_rule, text, variables) => {
  expect(Object.fromEntries(readEnvironmentFile(text))).toEqual(variables);
});

it('a name of an object is a name', () => {
  expect([...readEnvironmentFile('__proto__=1\nconstructor=2')]).toEqual([
    ['__proto__', '1'],
    ['constructor', '2'],
  ]);
});
