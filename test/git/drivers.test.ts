import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type DriverPlace,
  driversStatus,
  installDrivers,
  isSetUp,
  uninstallDrivers,
} from '../../src/git/drivers.ts';
import { attributeLines, withDriverLines, withoutDriverLines } from '../../src/ops/drivers/attributes.ts';

let root = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'secrets-drivers-'));
  git('init', '-q');
  mkdirSync(join(root, 'secrets'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };

function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: root, env, encoding: 'utf8' });
}

function place(more: Partial<DriverPlace> = {}): DriverPlace {
  const launch = { node: '/opt/it is 100%/node', script: "/opt/o'hara/secrets.js" };
  return { root, env, launch, lines: attributeLines({ rules: [] }, []), ...more };
}

const FILES = ['.gitattributes', 'secrets/.gitattributes', '.git/hooks/post-merge'];

function contents(): Record<string, string | null> {
  return Object.fromEntries(
    FILES.map(path => [path, existsSync(join(root, path)) ? readFileSync(join(root, path), 'latin1') : null]),
  );
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text, 'latin1');
}

describe('drivers in a repository', () => {
  it.each([
    ['nothing', null],
    ['a file', '* text=auto\n'],
    ['a file whose last line has no end', '* text=auto'],
    ['CRLF', '* text=auto\r\n*.x binary\r\n'],
    ['bytes that are no UTF-8', '# \xff\xfe\n'],
  ])('are set up and taken out again to the byte: %s', async (_what, text) => {
    if (text !== null) for (const path of FILES.slice(0, 2)) write(path, text);
    const before = contents();
    const config = git('config', '--local', '--list');
    expect(await driversStatus(place())).toEqual({
      config: 'missing',
      attributes: 'missing',
      mergeHook: 'missing',
    });
    expect(await installDrivers(place())).toEqual([
      'git config',
      'the hook post-merge',
      'secrets/.gitattributes',
      '.gitattributes',
    ]);
    const complete = await driversStatus(place());
    expect(complete).toEqual({ config: 'installed', attributes: 'installed', mergeHook: 'installed' });
    expect(isSetUp(complete)).toBe(true);
    const installed = contents();
    expect(await installDrivers(place())).toEqual([]);
    expect(contents()).toEqual(installed);
    const attributes = git(
      'check-attr',
      'merge',
      'diff',
      '--',
      'secrets/a/b.env',
      'secrets/m.nix',
      '.sops.yaml',
    );
    expect(attributes.split('\n')).toEqual([
      'secrets/a/b.env: merge: nix-secrets',
      'secrets/a/b.env: diff: nix-secrets',
      'secrets/m.nix: merge: nix-secrets-module',
      'secrets/m.nix: diff: unspecified',
      '.sops.yaml: merge: nix-secrets-config',
      '.sops.yaml: diff: unspecified',
      '',
    ]);
    expect(git('check-attr', 'diff', '--', 'secrets/public/a.yaml')).toContain('diff: unspecified');
    await uninstallDrivers(place());
    expect(contents()).toEqual(before);
    expect(git('config', '--local', '--list')).toBe(config);
    expect(await uninstallDrivers(place())).toEqual([]);
  });

  it('leave the hook of somebody else, and a folder of hooks that is shared', async () => {
    write('.git/hooks/post-merge', '#!/bin/sh\necho mine\n');
    expect(await installDrivers(place())).not.toContain('the hook post-merge');
    const beside = await driversStatus(place());
    expect(beside.mergeHook).toBe('left-out');
    expect(isSetUp(beside)).toBe(true);
    await uninstallDrivers(place());
    expect(contents()['.git/hooks/post-merge']).toBe('#!/bin/sh\necho mine\n');
    rmSync(join(root, '.git/hooks/post-merge'));
    expect(isSetUp(await driversStatus(place()))).toBe(false);
    git('config', 'core.hooksPath', 'hooks');
    await installDrivers(place());
    expect(existsSync(join(root, 'hooks'))).toBe(false);
  });

  it('are outdated where the program moved', async () => {
    await installDrivers(place());
    const moved = place({ launch: { node: '/opt/node', script: null } });
    expect(await driversStatus(moved)).toEqual({
      config: 'outdated',
      attributes: 'installed',
      mergeHook: 'outdated',
    });
    await installDrivers(moved);
    expect(git('config', 'merge.nix-secrets.driver')).toBe("'/opt/node' git-merge -- %O %A %B %P\n");
  });

  it('start the program by paths with quotes, blanks and percent signs', async () => {
    const node = join(root, "it's 100% node");
    writeFileSync(node, '#!/bin/sh\nfor word; do printf "<%s>" "$word" >&2; done\nexit 1\n', { mode: 0o755 });
    await installDrivers(place({ launch: { node, script: '/x y/%O.js' } }));
    const identity = ['-c', 'user.name=K', '-c', 'user.email=k@example.org'];
    const commit = (text: string) => {
      write('secrets/a b.env', text);
      git('add', '.');
      git(...identity, 'commit', '-qm', 'x', '--no-verify');
    };
    commit('A=1\n');
    git('branch', 'other');
    commit('A=2\n');
    git('checkout', '-q', 'other');
    commit('A=3\n');
    let said = '';
    try {
      execFileSync('git', [...identity, 'merge', '-'], { cwd: root, env, stdio: 'pipe' });
    } catch (error) {
      said = String((error as { stderr: Buffer }).stderr);
    }
    expect(said).toMatch(
      /^<\/x y\/%O\.js><git-merge><--><\.merge_file_\w+><\.merge_file_\w+><\.merge_file_\w+><secrets\/a b\.env>/,
    );
    const shown = git('diff', '--no-color', 'HEAD^', 'HEAD');
    expect(shown).toMatch(/^\+encrypted, and the program secrets is gone: [0-9a-f]{40}$/m);
    expect(shown).not.toContain('A=');
  });
});

describe('lines for .gitattributes', () => {
  it('name encrypted files elsewhere one by one', () => {
    const paths = ['secrets/a.yaml', 'hosts/megumu/secrets.yaml', 'a b/[x]*.env', 'odd"\\name.json'];
    const lines =
      attributeLines(
        { rules: [] },
        paths.map(path => ({ path })),
      ).get('.gitattributes') ?? [];
    write('.gitattributes', withDriverLines('', lines));
    const checked = git(
      'check-attr',
      '-z',
      'merge',
      '--',
      ...paths.slice(1),
      'a b/xy.env',
      'hosts/megumu/secretsxyaml',
    );
    const values = checked.split('\0').filter((_, index) => index % 3 === 2);
    expect(values).toEqual(['nix-secrets', 'nix-secrets', 'nix-secrets', 'unspecified', 'unspecified']);
  });

  it('are replaced where they stand', () => {
    const first = withDriverLines('a\n', ['x y']);
    const text = `${first}z\n`;
    expect(withDriverLines(text, ['x y'])).toBe(text);
    expect(withDriverLines(text, ['x w'])).toBe(text.replace('x y', 'x w'));
    expect(withoutDriverLines(withDriverLines(text, ['x w']))).toBe('a\nz\n');
  });
});
