// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Nix interpolates with the same signs
import { describe, expect, it } from 'vitest';
import { fileExpr, folderOf, relativePath, resolvePath } from '../../src/nix/path.ts';
import { printExpr } from '../../src/nix/print.ts';

describe('the way from the emitted file', () => {
  it.each([
    ['secrets', 'secrets/megumu/kotori.env', './megumu/kotori.env'],
    ['nix/secrets', 'secrets/megumu/kotori.env', '../../secrets/megumu/kotori.env'],
    ['', 'x.yaml', './x.yaml'],
    ['.', './a/x.yaml', './a/x.yaml'],
    ['a', 'a', '../a'],
    ['a/b', 'a/b', '../b'],
    ['secrets', 'secretsx/y', '../secretsx/y'],
  ])('%s to %s', (directory, file, way) => {
    expect(relativePath(directory, file)).toBe(way);
    expect(resolvePath(directory, way)).toBe(file.replace(/^\.\//, ''));
  });

  it.each(['/etc/passwd', '../x', 'a/../../x', '', '.'])('%j is no file of the workspace', file => {
    expect(() => relativePath('secrets', file)).toThrow(expect.objectContaining({ code: 'BAD_PATH' }));
  });
});

describe('resolving', () => {
  it.each([
    ['hosts/megumu', '../../secrets/m.nix', 'secrets/m.nix'],
    ['', './.', ''],
    ['a', '../..', null],
    ['a', '/a', null],
  ])('%s and %s', (directory, relative, resolved) => {
    expect(resolvePath(directory, relative)).toBe(resolved);
  });

  it('knows the folder of a path', () => {
    expect([folderOf('a/b/c.nix'), folderOf('flake.nix')]).toEqual(['a/b', '']);
  });
});

describe('a file as Nix', () => {
  const printed = (directory: string, file: string) => printExpr(fileExpr(directory, file));

  it.each(['a+b/wifi.yaml', '.hidden.yaml', '-x.yaml', 'a_b.c-d/e', 'sops.secret'])(
    '%s is a path literal',
    file => {
      expect(printed('secrets', `secrets/${file}`)).toBe(`./${file}`);
    },
  );

  it.each([
    ['secrets', 'secrets/odd name.yaml', './. + "/odd name.yaml"', 'odd-name.yaml'],
    ['secrets', 'hosts/a b/sops.yaml', '../. + "/hosts/a b/sops.yaml"', 'sops.yaml'],
    ['a/b', 'ü.yaml', '../../. + "/ü.yaml"', '-.yaml'],
    ['', 'a~/${x}', './. + "/a~/\\${x}"', '-x-'],
    ['', 'a/.-x', './. + "/a/.-x"', 'file.-x'],
  ])('%s to %s goes through builtins.path', (directory, file, path, name) => {
    expect(printed(directory, file)).toBe(`builtins.path {\n  path = ${path};\n  name = "${name}";\n}`);
  });

  it('shortens a name that the store would refuse', () => {
    const expr = fileExpr('', `${'x'.repeat(240)}.yaml`);
    expect(printExpr(expr)).toMatch(/name = "x{195}\.yaml";/);
  });
});
