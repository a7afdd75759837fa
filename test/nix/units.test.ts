import { describe, expect, it } from 'vitest';
import { normalizeUnit } from '../../src/nix/module.ts';

describe('unit names', () => {
  it.each([
    ['fukurou', 'fukurou.service'],
    ['fukurou.service', 'fukurou.service'],
    ['backup.timer', 'backup.timer'],
    ['my.app', 'my.app.service'],
    ['getty@tty1', 'getty@tty1.service'],
    ['a@b@c.service', 'a@b@c.service'],
    ['mnt-data\\x2dold.mount', 'mnt-data\\x2dold.mount'],
  ])('%s is %s', (text, unit) => {
    expect(normalizeUnit(text)).toBe(unit);
  });

  it.each([
    '',
    ' ',
    'a b',
    'a/b',
    'ä',
    'a\nb',
    '--force',
    '-H',
    '@x',
    '.service',
    '..',
    'a;b',
    '$(x)',
    'getty@',
    'getty@.service',
    'x'.repeat(260),
  ])('refuses %j', text => {
    expect(() => normalizeUnit(text)).toThrow(expect.objectContaining({ code: 'BAD_OPTION' }));
  });

  it('says which instance is missing', () => {
    expect(() => normalizeUnit('getty@')).toThrow(
      expect.objectContaining({ hint: 'name the instance: getty@NAME.service' }),
    );
  });
});
