import fc from 'fast-check';
import { RE2JS } from 're2js';
import { describe, expect, it } from 'vitest';
import {
  addressOf,
  addressProblem,
  checkHostName,
  checkSecretName,
  folderOf,
  namesOfFolder,
  parseReference,
  pathRegexOf,
} from '../../src/workspace/names.ts';
import { refusal } from './fleet.ts';

describe('checkHostName', () => {
  it.each(['megumu', 'a', '0', 'host_1', 'a-b', 'x'.repeat(63)])('accepts %s', name => {
    expect(checkHostName(name)).toBe(name);
  });

  it.each([
    ['', /empty/],
    ['public', /reserved/],
    ['Megumu', /upper-case/],
    ['x'.repeat(64), /longer than 63/],
    ['-a', /does not begin/],
    ['_a', /does not begin/],
    ['megumu.local', /dot/],
    ['mëgumu', /beyond a-z/],
    ['a+b', /other than/],
    ['a/b', /other than/],
    ['a\n', /other than/],
  ])('refuses %j', (name, reason) => {
    const error = refusal(() => checkHostName(name));
    expect(error.code).toBe('BAD_NAME');
    expect(error.message).toMatch(reason);
  });

  it('proposes the lower-case name where only the case is wrong', () => {
    expect(refusal(() => checkHostName('Megumu')).hint).toBe('use megumu');
  });
});

describe('checkSecretName', () => {
  it.each([
    'kotori',
    'kanidm/miniflux',
    'ssh_host_rsa_key.pub',
    '_x',
    'A.b-c',
    'public',
    'a/sops',
    `${'x'.repeat(250)}`,
    '__proto__',
  ])('accepts %s', name => {
    expect(checkSecretName(name)).toBe(name);
  });

  it.each([
    ['', /empty/],
    ['/etc/passwd', /absolute/],
    ['a/', /ends in/],
    ['a//b', /empty part/],
    ['../a', /part `\.\.`/],
    ['a/../b', /part `\.\.`/],
    ['a/.', /part `\.`/],
    ['.hidden', /begins with a dot/],
    ['-rf', /begins with `-`/],
    ['a b', /other than/],
    ['a\\b', /other than/],
    ['a:b', /other than/],
    ['é', /other than/],
    ['a#b', /other than/],
    [`${'x'.repeat(256)}/a`, /longer than 255/],
    ['x'.repeat(251), /too long for a file name/],
    [Array.from({ length: 600 }, () => 'a').join('/'), /longer than 1000/],
    ['sops', /metadata/],
    ['sops/x', /metadata/],
    ['rendered/x', /templates/],
    ['a_unencrypted', /in clear/],
    ['a_unencrypted/b', /in clear/],
  ])('refuses %j', (name, reason) => {
    const error = refusal(() => checkSecretName(name));
    expect(error.code).toBe('BAD_NAME');
    expect(error.message).toMatch(reason);
    expect(error.message.length).toBeLessThan(300);
  });
});

describe('folderOf', () => {
  it('sorts by byte and joins', () => {
    expect(folderOf(['megumu', 'aya'])).toBe('aya+megumu');
    expect(folderOf(['b', 'a-b', 'a_b'])).toBe('a-b+a_b+b');
    expect(folderOf(['aya', 'aya'])).toBe('aya');
  });

  it('asks for a group beyond three', () => {
    const error = refusal(() => folderOf(['a', 'b', 'c', 'd']));
    expect(error.code).toBe('USAGE');
    expect(error.hint).toContain('secrets group add NAME --host a --host b');
  });

  it('needs a name', () => {
    expect(refusal(() => folderOf([])).code).toBe('USAGE');
  });

  it('is undone by namesOfFolder, which takes nothing else', () => {
    expect(namesOfFolder('aya+megumu')).toEqual(['aya', 'megumu']);
    for (const folder of ['megumu+aya', 'aya+aya', 'a+b+c+d', 'public', 'Hosts', '', 'a++b']) {
      expect(namesOfFolder(folder)).toBeNull();
    }
  });
});

describe('pathRegexOf', () => {
  it('escapes for RE2', () => {
    expect(pathRegexOf('aya+megumu')).toBe('^secrets/aya\\+megumu/');
  });

  it('takes paths in the folder and no other', () => {
    const name = fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,8}$/).filter(text => text !== 'public');
    fc.assert(
      fc.property(
        fc.array(name, { minLength: 1, maxLength: 3 }),
        fc.array(name, { minLength: 1, maxLength: 3 }),
        (a, b) => {
          const [mine, other] = [folderOf(a), folderOf(b)];
          const pattern = RE2JS.compile(pathRegexOf(mine));
          expect(pattern.matcher(`secrets/${mine}/x.yaml`).find()).toBe(true);
          expect(pattern.matcher(`secrets/${other}/x.yaml`).find()).toBe(mine === other);
          expect(pattern.matcher(`x/secrets/${mine}/x.yaml`).find()).toBe(false);
        },
      ),
    );
  });
});

describe('addresses and references', () => {
  it('join folder and name', () => {
    expect(addressOf('aya+megumu', 'wifi')).toBe('aya+megumu/wifi');
    expect(addressProblem('aya+megumu/wifi')).toBeNull();
    expect(addressProblem('hosts/x.yaml#a/b')).toBeNull();
  });

  it('take a file and a key apart', () => {
    expect(parseReference('hosts/x.yaml#a#b')).toEqual({
      text: 'hosts/x.yaml#a#b',
      file: 'hosts/x.yaml',
      key: 'a#b',
    });
    expect(parseReference('kanidm/miniflux')).toEqual({ text: 'kanidm/miniflux', file: null, key: null });
  });

  it.each(['', '/etc/x', '../x', 'a/../b', 'a\nb', 'a\\b', 'a/', '#x', '/x#y'])('refuse %j', text => {
    expect(refusal(() => parseReference(text)).code).toBe('BAD_NAME');
  });
});
