import { describe, expect, it } from 'vitest';
import { mayEncryptLess } from '../../../src/ops/guard/narrowed.ts';
import type { Selection } from '../../../src/sops/selection.ts';

const regex = (encryptedRegex: string): Selection => ({ encryptedRegex });
const clear = (unencryptedRegex: string): Selection => ({ unencryptedRegex });

describe('a selection beside a former one', () => {
  const fine: [string, Selection, Selection][] = [
    ['the same', regex('^a.*b$'), regex('^a.*b$')],
    ['the default, spelled out', { unencryptedSuffix: '_unencrypted' }, {}],
    ['the default in the place of a regex', {}, regex('^data$')],
    ['one more name', regex('^(data|stringData|x)$'), regex('^(data|stringData)$')],
    ['the names without capture', regex('^(?:data|x)$'), regex('^data$')],
    ['one more word', regex('data|password'), regex('data')],
    ['fewer names in clear', clear('^(a)$'), clear('^(a|b)$')],
    ['a shorter suffix', { encryptedSuffix: 'secret' }, { encryptedSuffix: '_secret' }],
    [
      'a longer suffix in clear',
      { unencryptedSuffix: '_not_encrypted' },
      { unencryptedSuffix: '_encrypted' },
    ],
  ];
  it.each(fine)('takes no less with %s', (_, now, before) => {
    expect(mayEncryptLess(now, before)).toBe(false);
  });

  const less: [string, Selection, Selection][] = [
    ['a regex in the place of the default', regex('^db$'), {}],
    ['nothing', regex('^nothing$'), {}],
    ['one name fewer', regex('^(data)$'), regex('^(data|stringData)$')],
    ['names with anchors that had none', regex('^data$'), regex('data')],
    ['a regex that nobody can compare', regex('^dat[a]$'), regex('^data$')],
    ['more names in clear', clear('^(a|b)$'), clear('^(a)$')],
    ['another kind', { encryptedSuffix: '_s' }, regex('_s$')],
    ['a longer suffix', { encryptedSuffix: '_secret' }, { encryptedSuffix: 'secret' }],
    ['a shorter suffix in clear', { unencryptedSuffix: 'd' }, { unencryptedSuffix: '_unencrypted' }],
    ['comments alone', { encryptedCommentRegex: '^x' }, {}],
  ];
  it.each(less)('may take less with %s', (_, now, before) => {
    expect(mayEncryptLess(now, before)).toBe(true);
  });
});
