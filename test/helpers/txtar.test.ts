import { expect, it } from 'vitest';
import { parseTxtar } from './txtar.ts';

it('reads the text above and the files', () => {
  expect(parseTxtar('a\nb\n-- x/y.txt --\none\n\n-- empty --\n-- last --\nno newline')).toEqual({
    comment: 'a\nb\n',
    files: [
      { name: 'x/y.txt', text: 'one\n\n' },
      { name: 'empty', text: '' },
      { name: 'last', text: 'no newline\n' },
    ],
  });
});

it('takes only whole lines for markers', () => {
  const { files } = parseTxtar('-- a --\n -- b --\n-- c -- \n--d--\n-- --\n');
  expect(files).toEqual([{ name: 'a', text: ' -- b --\n-- c -- \n--d--\n-- --\n' }]);
});

it('takes CR LF for LF', () => {
  expect(parseTxtar('x\r\n-- a --\r\ny\r\n')).toEqual({
    comment: 'x\n',
    files: [{ name: 'a', text: 'y\n' }],
  });
});

it('has nothing in nothing', () => {
  expect(parseTxtar('')).toEqual({ comment: '', files: [] });
});
