import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { expect, it } from 'vitest';
import { findGitTop, openRepository } from '../../src/git/repository.ts';
import type { VersionControl } from '../../src/ops/ports.ts';
import { describeWith } from '../helpers/programs.ts';
import { freshFolder } from '../ops/transaction-folder.ts';
import { ENV, git, repository, write } from './git-fixture.ts';

/** Names that git, a shell or a pattern could take for something else. */
const ODD = [
  'with space.env',
  'ünï-日本.yaml',
  'new\nline',
  '-dash',
  '--force',
  ':(top)magic',
  ':!not',
  '*',
  '[ab].yaml',
  'tab\there',
  'quote"\'\\',
  'end ',
  '#hash',
  '!bang',
];

async function open(root: string): Promise<VersionControl> {
  const opened = await openRepository(root, ENV);
  if (opened === null) throw new Error('not a repository');
  return opened;
}

describeWith(['git'], 'opening', () => {
  it('gives null outside of a work tree, in a bare one, and without git', async () => {
    const folder = freshFolder();
    expect(await openRepository(folder, ENV)).toBeNull();
    expect(await findGitTop(folder, ENV)).toBeNull();
    git(folder, 'init', '--quiet', '--bare', 'bare.git');
    expect(await openRepository(join(folder, 'bare.git'), ENV)).toBeNull();
    const root = repository();
    expect(await openRepository(join(root, '.git'), ENV)).toBeNull();
    expect(await openRepository(root, { ...ENV, PATH: freshFolder() })).toBeNull();
  });

  it('finds the top and a state folder of its own in a folder below, in a linked work tree and in a submodule', async () => {
    const root = repository({ 'hosts/a/x': '1' });
    expect(await findGitTop(join(root, 'hosts/a'), ENV)).toBe(root);
    expect((await open(join(root, 'hosts/a'))).stateDir).toBe(join(root, '.git/nix-secrets'));
    const linked = join(freshFolder(), 'linked');
    git(root, 'worktree', 'add', '--quiet', linked);
    expect(await findGitTop(linked, ENV)).toBe(linked);
    expect((await open(linked)).stateDir).toBe(join(root, '.git/worktrees/linked/nix-secrets'));
    const outer = repository();
    git(outer, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', root, 'inner');
    expect(await findGitTop(join(outer, 'inner'), ENV)).toBe(join(outer, 'inner'));
    expect((await open(join(outer, 'inner'))).stateDir).toBe(join(outer, '.git/modules/inner/nix-secrets'));
  });

  it('copes with a folder whose name ends in a newline', async () => {
    const root = join(freshFolder(), 'odd\n\n');
    mkdirSync(root);
    git(root, 'init', '--quiet');
    expect(await findGitTop(root, ENV)).toBe(root);
    expect((await open(root)).stateDir).toBe(join(root, '.git/nix-secrets'));
  });

  it('is not led to another repository by the variables of a hook', async () => {
    const other = repository({ 'other.yaml': 'x' });
    const root = repository({ 'mine.yaml': 'x' });
    const env = {
      ...ENV,
      GIT_DIR: join(other, '.git'),
      GIT_WORK_TREE: other,
      GIT_INDEX_FILE: join(other, '.git/index'),
    };
    expect(await findGitTop(root, env)).toBe(root);
    expect(await (await openRepository(root, env))?.listFiles()).toEqual(['flake.nix', 'mine.yaml']);
  });

  it('passes on what git says where it refuses to work', async () => {
    const root = repository();
    writeFileSync(join(root, '.git/config'), '[core\n');
    await expect(openRepository(root, ENV)).rejects.toMatchObject({
      code: 'PROGRAM_FAILED',
      message: expect.stringContaining('git could not open the repository: bad config line 1'),
    });
  });
});

describeWith(['git'], 'reading', () => {
  it('lists tracked and new files, and no ignored, staged-beside, foreign or linked ones', async () => {
    const root = repository({ '.gitignore': '*.log\n', 'b.yaml': '', 'secrets/a.yaml': '' });
    write(root, { 'new/c.yaml': '', 'x.log': '', 'secrets/.secrets-0123456789abcdef-0.new': '' });
    git(root, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', repository(), 'module');
    mkdirSync(join(root, 'nested'));
    git(join(root, 'nested'), 'init', '--quiet');
    write(root, { 'nested/y.yaml': '' });
    rmSync(join(root, 'b.yaml'));
    const files = ['.gitignore', '.gitmodules', 'b.yaml', 'flake.nix', 'new/c.yaml', 'secrets/a.yaml'];
    expect(await (await open(root)).listFiles()).toEqual(files);
  });

  it('lists what is below the workspace root, relative to it', async () => {
    const root = repository({ 'fleet/.sops.yaml': '', 'fleet/secrets/a.yaml': '', 'else/b.yaml': '' });
    write(root, { 'fleet/new.yaml': '', 'else/new.yaml': '' });
    const fleet = await open(join(root, 'fleet'));
    expect(await fleet.listFiles()).toEqual(['.sops.yaml', 'new.yaml', 'secrets/a.yaml']);
    expect(await fleet.tracked(['secrets/a.yaml', 'new.yaml', '../else/b.yaml'])).toEqual(
      new Set(['secrets/a.yaml', '../else/b.yaml']),
    );
  });

  it('reads through a workspace root that is a link', async () => {
    const root = repository({ 'a.yaml': '' });
    const link = join(freshFolder(), 'link');
    symlinkSync(root, link);
    const opened = await open(link);
    expect(realpathSync(join(opened.stateDir, '..'))).toBe(join(root, '.git'));
    expect(await opened.listFiles()).toEqual(['a.yaml', 'flake.nix']);
  });

  it('takes every name literally', async () => {
    const root = repository(Object.fromEntries(ODD.map(name => [name, 'x'])));
    const opened = await open(root);
    expect(await opened.listFiles()).toEqual([...ODD, 'flake.nix'].sort());
    for (const name of ODD) {
      writeFileSync(join(root, name), 'changed');
      expect(await opened.tracked([name, `${name}x`]), name).toEqual(new Set([name]));
      expect(await opened.withUnstagedEdits([name, 'flake.nix']), name).toEqual(new Set([name]));
    }
    expect(await opened.ignored(ODD)).toEqual(new Map());
  });

  it('says which files differ from the index', async () => {
    const root = repository({
      same: 'x',
      touched: 'x',
      edited: 'x',
      gone: 'x',
      staged: 'x',
      both: 'x',
      mode: 'x',
    });
    write(root, { edited: 'y', staged: 'y', both: 'y', untracked: 'y', intended: 'y' });
    git(root, 'add', 'staged', 'both');
    git(root, 'add', '--intent-to-add', 'intended');
    writeFileSync(join(root, 'both'), 'z');
    utimesSync(join(root, 'touched'), 1, 1);
    rmSync(join(root, 'gone'));
    const paths = [
      'same',
      'touched',
      'edited',
      'gone',
      'staged',
      'both',
      'untracked',
      'intended',
      'none',
      'mode',
    ];
    const opened = await open(root);
    expect(await opened.withUnstagedEdits(paths)).toEqual(new Set(['edited', 'gone', 'both', 'intended']));
    expect(await opened.withUnstagedEdits([])).toEqual(new Set());
    expect(await opened.withUnstagedEdits(['same'])).toEqual(new Set());
  });

  it('counts a file in a merge conflict as edited', async () => {
    const root = repository({ file: 'base\n' });
    git(root, 'checkout', '--quiet', '-b', 'other');
    write(root, { file: 'theirs\n' });
    git(root, 'commit', '--quiet', '--all', '--message=theirs');
    git(root, 'checkout', '--quiet', 'main');
    write(root, { file: 'ours\n' });
    git(root, 'commit', '--quiet', '--all', '--message=ours');
    expect(() => git(root, 'merge', 'other')).toThrow();
    const opened = await open(root);
    expect(await opened.withUnstagedEdits(['file'])).toEqual(new Set(['file']));
    expect(await opened.listFiles()).toEqual(['file', 'flake.nix']);
  });

  it('looks at thousands of paths', async () => {
    const root = repository();
    const paths = Array.from(
      { length: 9_000 },
      (_, index) => `secrets/a-rather-long-name-of-a-folder/${index}.yaml`,
    );
    write(root, Object.fromEntries(paths.slice(0, 20).map(path => [path, ''])));
    git(root, 'add', '--all');
    const opened = await open(root);
    expect((await opened.tracked(paths)).size).toBe(20);
    expect((await opened.ignored(paths)).size).toBe(0);
  });

  it('changes nothing in the repository, and starts no program that it names', async () => {
    const root = repository({ a: 'x' });
    const trap = join(freshFolder(), 'trap');
    const script = join(freshFolder(), 'run');
    writeFileSync(script, `#!/bin/sh\ntouch ${trap}\n`, { mode: 0o755 });
    for (const key of [
      'core.fsmonitor',
      'core.pager',
      'diff.external',
      'core.editor',
      'core.sshCommand',
      'alias.ls-files',
    ]) {
      git(root, 'config', key, key.startsWith('alias') ? `!${script}` : script);
    }
    utimesSync(join(root, 'a'), 1, 1);
    const index = readFileSync(join(root, '.git/index'));
    const opened = await open(root);
    await opened.listFiles();
    await opened.tracked(['a']);
    await opened.withUnstagedEdits(['a']);
    await opened.ignored(['a']);
    expect(readFileSync(join(root, '.git/index')).equals(index)).toBe(true);
    await opened.stage(['a']);
    expect(existsSync(trap)).toBe(false);
  });
});

describeWith(['git'], 'ignore rules', () => {
  it('names the rule that hits, and none where a later one lets the file in', async () => {
    const root = repository({
      '.gitignore': '# comment\n*.env\n!ok.env\nbuild/\n',
      'secrets/.gitignore': '!*.env\n/secret\\ name\n',
      'hosts/.gitignore': '*\n',
    });
    const found = await (await open(root)).ignored([
      'a.env',
      'ok.env',
      'secrets/megumu/kotori.env',
      'secrets/secret name',
      'build/deep/x.yaml',
      'hosts/x.yaml',
      'free.yaml',
    ]);
    expect(Object.fromEntries(found)).toEqual({
      'a.env': { source: '.gitignore', line: 2, pattern: '*.env' },
      'secrets/secret name': { source: 'secrets/.gitignore', line: 2, pattern: '/secret\\ name' },
      'build/deep/x.yaml': { source: '.gitignore', line: 4, pattern: 'build/' },
      'hosts/x.yaml': { source: 'hosts/.gitignore', line: 1, pattern: '*' },
    });
  });

  it('reads .git/info/exclude and the file of the person', async () => {
    const root = repository();
    const excludes = join(freshFolder(), 'ignore');
    writeFileSync(excludes, '*.bin\n');
    writeFileSync(join(root, '.git/info/exclude'), '*.yaml\n');
    git(root, 'config', 'core.excludesFile', excludes);
    const found = await (await open(root)).ignored(['a.yaml', 'a.bin', 'a.nix']);
    expect(found.get('a.yaml')).toEqual({ source: '.git/info/exclude', line: 1, pattern: '*.yaml' });
    expect(found.get('a.bin')).toEqual({ source: excludes, line: 1, pattern: '*.bin' });
    expect(found.size).toBe(2);
  });

  it('never counts a tracked file as ignored, nor a file whose pattern-like name matches one', async () => {
    const root = repository();
    write(root, { '.gitignore': '*.env\n', 'a.env': '' });
    git(root, 'add', '--force', 'a.env');
    const found = await (await open(root)).ignored([
      'a.env',
      '*.env',
      '[a].env',
      ':(top)a.env',
      '-a.env',
      'n\nl.env',
    ]);
    expect([...found.keys()].sort()).toEqual(['*.env', '-a.env', ':(top)a.env', '[a].env', 'n\nl.env']);
  });

  it('works below the top, with paths relative to the workspace root', async () => {
    const root = repository({ '.gitignore': '*.env\n', 'fleet/x': '' });
    const found = await (await open(join(root, 'fleet'))).ignored(['secrets/a.env']);
    expect([...found.keys()]).toEqual(['secrets/a.env']);
    expect(found.get('secrets/a.env')?.pattern).toBe('*.env');
    expect(relative(root, join(root, '.gitignore'))).toContain(found.get('secrets/a.env')?.source);
  });

  it('says so where a path lies in a submodule or in another repository inside', async () => {
    const root = repository();
    git(root, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', repository(), 'module');
    mkdirSync(join(root, 'deep/nested'), { recursive: true });
    git(join(root, 'deep/nested'), 'init', '--quiet');
    for (const folder of ['module', 'deep/nested']) {
      await expect((await open(root)).ignored(['x', `${folder}/more/x.yaml`])).rejects.toMatchObject({
        code: 'BAD_PATH',
        message: `"${folder}/more/x.yaml" lies in "${folder}", which is a git repository of its own`,
      });
    }
  });
});
