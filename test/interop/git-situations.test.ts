import { generateKeyPairSync } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type GitRun, GuardedRepository, writeFiles } from '../helpers/guarded-repository.ts';
import { describeWith, programPath } from '../helpers/programs.ts';
import { runProcess } from '../helpers/sandbox.ts';
import { diceOf, sampleOf } from '../scan/samples.ts';

const token = sampleOf('gh|p_{a30}{sum}', diceOf('git situations'));
const [pem, otherPem] = [1, 2].map(() =>
  generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
) as [string, string];
const planted = `token = "${token}"\n`;
const filler = Array.from({ length: 40 }, (_, line) => `line ${line} of a long file\n`).join('');
const bodyOf = (key: string) => key.split('\n').slice(1, -2).join('\n');
const secrets = [token, bodyOf(pem), bodyOf(otherPem)];

let template: GuardedRepository;

/** A repository of its own for one test. */
function fresh(): GuardedRepository {
  const repository = template.copy();
  onTestFinished(() => repository.dispose());
  return repository;
}

/** The hook stopped it: nothing was committed, the output says what was found and how to go past it. */
function expectBlocked(run: GitRun, rule = 'github-token'): void {
  expect(run.output).toContain(rule);
  expect(run.output).toContain('--no-verify');
  expect(run.status).not.toBe(0);
}

function expectPassed(run: GitRun): void {
  expect(run.output).not.toMatch(/^secrets: error/m);
  expect(run.status, run.output).toBe(0);
}

/** A commit that nobody checked. */
function unchecked(repository: GuardedRepository, files: Readonly<Record<string, string>>): string {
  expectPassed(repository.commitFiles(files, '--no-verify'));
  return repository.git('rev-parse', 'HEAD').trim();
}

describeWith(['git'], 'the guard in git', () => {
  beforeAll(() => {
    template = GuardedRepository.create(secrets);
  });

  afterAll(() => template?.dispose());

  describe('stops', () => {
    it('a commit of a new file, and leaves everything as it was', () => {
      const repository = fresh();
      const head = repository.git('rev-parse', 'HEAD');
      expectBlocked(repository.commitFiles({ 'a.nix': planted }));
      expect(repository.git('rev-parse', 'HEAD')).toBe(head);
      expect(repository.git('status', '--porcelain')).toBe('A  a.nix\n');
      expect(readFileSync(join(repository.root, 'a.nix'), 'utf8')).toBe(planted);
    });

    it('commit -a', () => {
      const repository = fresh();
      repository.write({ 'README.md': planted });
      expectBlocked(repository.try('commit', '-qam', 'next'));
    });

    it('a commit of some paths, for those paths and no others', () => {
      const repository = fresh();
      repository.write({ 'README.md': planted, 'flake.nix': '{ a = 1; }\n' });
      repository.git('add', 'flake.nix');
      expectPassed(repository.try('commit', '-qm', 'next', '--', 'flake.nix'));
      expectBlocked(repository.try('commit', '-qm', 'next', '--', 'README.md'));
    });

    it('commit --amend', () => {
      const repository = fresh();
      expectBlocked(repository.commitFiles({ 'a.nix': planted }, '--amend'));
    });

    it('a merge whose conflict was resolved with it', () => {
      const repository = fresh();
      repository.git('checkout', '-qb', 'side');
      expectPassed(repository.commitFiles({ 'README.md': 'theirs\n' }));
      repository.git('checkout', '-q', 'main');
      expectPassed(repository.commitFiles({ 'README.md': 'ours\n' }));
      expect(repository.try('merge', '-q', 'side').status).toBe(1);
      expectBlocked(repository.commitFiles({ 'README.md': planted }));
    });

    it('a clean merge of a branch on which it was never checked', () => {
      const repository = fresh();
      repository.git('checkout', '-qb', 'side');
      unchecked(repository, { 'a.nix': planted });
      repository.git('checkout', '-q', 'main');
      expectPassed(repository.commitFiles({ 'b.nix': '{ }\n' }));
      expectBlocked(repository.try('merge', '--no-edit', 'side'));
      expect(repository.git('log', '--format=%s', '-1').trim()).toBe('next');
    });

    it('a patch that git am applies', () => {
      const repository = fresh();
      const other = fresh();
      unchecked(other, { 'a.nix': planted });
      const patch = join(repository.folder, 'one.patch');
      other.git('format-patch', '-1', `--output=${patch}`);
      const head = repository.git('rev-parse', 'HEAD');
      expectBlocked(repository.try('am', '-q', patch));
      expect(repository.git('rev-parse', 'HEAD')).toBe(head);
    });

    it('a commit in a linked work tree', () => {
      const repository = fresh();
      const tree = join(repository.folder, 'tree');
      repository.git('worktree', 'add', '-q', tree, '-b', 'side');
      writeFiles(tree, { 'a.nix': planted, 'b.nix': '{ }\n' });
      const inTree = repository.at(tree);
      inTree.git('add', '--all');
      expectBlocked(inTree.try('commit', '-qm', 'next'));
      inTree.git('rm', '-q', '--cached', 'a.nix');
      expectPassed(inTree.try('commit', '-qm', 'next'));
    });

    it('a commit that was started in a sub-folder', () => {
      const repository = fresh();
      repository.write({ 'a/b/c.nix': planted });
      const below = repository.at(join(repository.root, 'a/b'));
      below.git('add', '.');
      expectBlocked(below.try('commit', '-qm', 'next'));
    });

    it('a renamed file that was edited too', () => {
      const repository = fresh();
      expectPassed(repository.commitFiles({ 'old.txt': filler }));
      repository.git('mv', 'old.txt', 'new.txt');
      expectBlocked(repository.commitFiles({ 'new.txt': filler + planted }));
    });

    it('a copy of a file, with more in it', () => {
      const repository = fresh();
      expectPassed(repository.commitFiles({ 'old.txt': filler }));
      repository.git('config', 'diff.renames', 'copies');
      expectBlocked(repository.commitFiles({ 'new.txt': filler + planted }));
    });

    it('a file that became a link, whose target says it', () => {
      const repository = fresh();
      rmSync(join(repository.root, 'README.md'));
      symlinkSync(`/run/${token}`, join(repository.root, 'README.md'));
      repository.git('add', '--all');
      expectBlocked(repository.try('commit', '-qm', 'next'));
    });

    it('a file that was only announced with add -N, once commit -a takes it', () => {
      const repository = fresh();
      repository.write({ 'a.nix': planted });
      repository.git('add', '-N', 'a.nix');
      expectBlocked(repository.try('commit', '-qam', 'next'));
    });

    it.each([
      'with space.nix',
      'quote".nix',
      "single'.nix",
      'back\\slash.nix',
      'tab\t.nix',
      'new\nline.nix',
      'ümlaut-日本.nix',
      '-dash.nix',
      '--staged',
      ':colon.nix',
      ':(exclude)a.nix',
      '*.nix',
      '[ab]?.nix',
      '#hash.nix',
      '$(touch owned).nix',
      '.hidden',
      '%s%n.nix',
      'escape\u001b[31m.nix',
    ])('a file called %j', name => {
      const repository = fresh();
      const run = repository.commitFiles({ [name]: planted });
      expectBlocked(run);
      expect(run.output).not.toContain('\u001b');
    });

    it('a file whose name is latin-1', () => {
      const repository = fresh();
      const name = Buffer.concat([Buffer.from(`${repository.root}/gr`), Buffer.from([0xfc, 0xdf, 0x65])]);
      writeFileSync(name, planted);
      repository.git('add', '--all');
      expectBlocked(repository.try('commit', '-qm', 'next'));
    });

    it.each(['-diff', 'binary', '-text -diff', 'diff=hidden', 'filter=none -diff'])(
      'a file with the attribute %s',
      attribute => {
        const repository = fresh();
        repository.write({ '.gitattributes': `* ${attribute}\n` });
        repository.git('config', 'diff.hidden.textconv', 'true');
        expectBlocked(repository.commitFiles({ 'a.nix': planted }));
      },
    );

    it('whatever the configuration of diffs says', () => {
      const repository = fresh();
      for (const [name, value] of [
        ['diff.external', 'true'],
        ['diff.noprefix', 'true'],
        ['diff.renames', 'copies'],
        ['diff.ignoreSubmodules', 'all'],
        ['diff.orderFile', '/dev/null'],
        ['core.quotePath', 'false'],
        ['color.ui', 'always'],
        ['diff.context', '0'],
      ] as const)
        repository.git('config', name, value);
      expectBlocked(repository.commitFiles({ 'a.nix': planted }));
    });

    it.each([
      ['little endian, with a mark', Buffer.from(`\ufeff${planted}`, 'utf16le')],
      ['little endian, without one', Buffer.from(planted, 'utf16le')],
      ['big endian, with a mark', Buffer.from(`\ufeff${planted}`, 'utf16le').swap16()],
    ])('UTF-16, %s', (_, bytes) => {
      expectBlocked(fresh().commitFiles({ 'a.ps1': bytes }));
    });

    it('what is staged alone and no longer in the work tree', () => {
      const repository = fresh();
      repository.write({ 'a.nix': planted });
      repository.git('add', 'a.nix');
      repository.write({ 'a.nix': '{ }\n' });
      expectBlocked(repository.try('commit', '-qm', 'next'));
    });

    it('what is staged of a file that is gone', () => {
      const repository = fresh();
      repository.write({ 'a.nix': planted });
      repository.git('add', 'a.nix');
      rmSync(join(repository.root, 'a.nix'));
      expectBlocked(repository.try('commit', '-qm', 'next'));
    });

    it('a new body between the old lines of a PEM', () => {
      const repository = fresh();
      unchecked(repository, { 'key.pem': pem });
      expectBlocked(repository.commitFiles({ 'key.pem': otherPem }), 'private-key');
    });

    it('the end of a huge file', () => {
      const run = fresh().commitFiles({ 'huge.txt': filler.repeat(12_000) + planted });
      expectBlocked(run);
    });

    it('a binary file', () => {
      const bytes = Buffer.concat([Buffer.alloc(64), Buffer.from(token), Buffer.from([0, 1, 2, 255])]);
      expectBlocked(fresh().commitFiles({ 'a.bin': bytes }));
    });

    it('a commit in a SHA-256 repository', () => {
      const repository = GuardedRepository.create(secrets, '--object-format=sha256');
      onTestFinished(() => repository.dispose());
      expectBlocked(repository.commitFiles({ 'a.nix': planted }));
      expectPassed(repository.commitFiles({ 'a.nix': '{ }\n' }));
    });

    it('a commit in a sparse checkout, which knows the files that are not there', () => {
      const repository = fresh();
      expectPassed(repository.commitFiles({ 'in/a.nix': '{ }\n', 'out/b.nix': '{ }\n' }));
      repository.git('sparse-checkout', 'set', 'in');
      expectPassed(repository.commitFiles({ 'in/a.nix': '{ a = 1; }\n' }));
      repository.write({ 'in/a.nix': planted });
      expectBlocked(repository.try('commit', '-qam', 'next'));
    });

    it('the first commit of a repository', () => {
      const repository = new GuardedRepository(secrets);
      onTestFinished(() => repository.dispose());
      mkdirSync(repository.root);
      repository.git('init', '-q');
      repository.install();
      expectBlocked(repository.commitFiles({ 'a.nix': planted }));
      expectPassed(repository.commitFiles({ 'a.nix': '{ }\n' }));
    });

    it('a commit on an orphan branch', () => {
      const repository = fresh();
      repository.git('checkout', '-q', '--orphan', 'other');
      expectBlocked(repository.commitFiles({ 'a.nix': planted }));
    });

    it('a commit with GIT_DIR and GIT_WORK_TREE, from elsewhere', () => {
      const repository = fresh();
      const gitDir = join(repository.folder, 'dots.git');
      renameSync(join(repository.root, '.git'), gitDir);
      const elsewhere = repository.at(repository.folder, { GIT_DIR: gitDir, GIT_WORK_TREE: repository.root });
      repository.write({ 'a.nix': planted });
      elsewhere.git('add', '--all');
      expectBlocked(elsewhere.try('commit', '-qm', 'next'));
      repository.write({ 'a.nix': '{ }\n' });
      elsewhere.git('add', '--all');
      expectPassed(elsewhere.try('commit', '-qm', 'next'));
    });

    it('a commit with another index', () => {
      const repository = fresh();
      const other = repository.at(repository.root, { GIT_INDEX_FILE: join(repository.folder, 'index') });
      other.git('read-tree', 'HEAD');
      repository.write({ 'a.nix': planted });
      other.git('add', '--all');
      expectBlocked(other.try('commit', '-qm', 'next'));
    });

    it('a commit of a graphical client, with hardly a PATH', () => {
      const repository = fresh();
      const bin = join(repository.folder, 'bin');
      mkdirSync(bin);
      symlinkSync(programPath('git') ?? '', join(bin, 'git'));
      const client = repository.at(repository.root, { PATH: bin });
      repository.write({ 'a.nix': planted });
      client.git('add', '--all');
      expectBlocked(client.try('commit', '-qm', 'next'));
      repository.write({ 'a.nix': '{ }\n' });
      client.git('add', '--all');
      expectPassed(client.try('commit', '-qm', 'next'));
    });

    it('a commit where the program is gone: what cannot be checked does not pass', () => {
      const repository = fresh();
      const hook = join(repository.root, '.git/hooks/pre-commit');
      const moved = readFileSync(hook, 'utf8').replace(/^ {2}(node|program)='.*'$/gm, "  $1='/nowhere/$1'");
      writeFileSync(hook, moved);
      const run = repository.commitFiles({ 'a.nix': '{ }\n' });
      expect(run.status).not.toBe(0);
      expect(run.output).toContain('nothing was checked');
      expect(run.output).toContain('secrets hook install');
      repository.install();
      expectPassed(repository.try('commit', '-qm', 'next'));
    });

    it('a commit through hooks that the work tree holds (core.hooksPath)', () => {
      const repository = fresh();
      repository.git('config', 'core.hooksPath', '.githooks');
      repository.install();
      expect(readFileSync(join(repository.root, '.githooks/pre-commit'), 'utf8')).not.toContain(
        process.execPath,
      );
      expectBlocked(repository.commitFiles({ 'a.nix': planted }));
      expectPassed(repository.commitFiles({ 'a.nix': '{ }\n' }));
    });

    it('a symlinked folder of hooks', () => {
      const repository = fresh();
      renameSync(join(repository.root, '.git/hooks'), join(repository.root, 'hooks'));
      symlinkSync('../hooks', join(repository.root, '.git/hooks'));
      expectBlocked(repository.commitFiles({ 'a.nix': planted }));
    });
  });

  describe('lets pass', () => {
    it('an ordinary commit, and an empty one', () => {
      const repository = fresh();
      expectPassed(repository.commitFiles({ 'a.nix': '{ password = config.sops.secrets.x.path; }\n' }));
      expectPassed(repository.try('commit', '-qm', 'empty', '--allow-empty'));
    });

    it('what is in the work tree alone', () => {
      const repository = fresh();
      repository.write({ 'a.nix': '{ }\n' });
      repository.git('add', 'a.nix');
      repository.write({ 'a.nix': planted });
      expectPassed(repository.try('commit', '-qm', 'next'));
    });

    it('a file that was announced with add -N', () => {
      const repository = fresh();
      repository.write({ 'a.nix': planted, 'b.nix': '{ }\n' });
      repository.git('add', '-N', 'a.nix');
      repository.git('add', 'b.nix');
      expectPassed(repository.try('commit', '-qm', 'next'));
    });

    it('an edit beside an old finding', () => {
      const repository = fresh();
      unchecked(repository, { 'a.nix': `${filler}${planted}${filler}` });
      expectPassed(repository.commitFiles({ 'a.nix': `${filler}${planted}one more\n${filler}` }));
    });

    it('another mode of a file', () => {
      const repository = fresh();
      unchecked(repository, { 'a.nix': planted });
      chmodSync(join(repository.root, 'a.nix'), 0o755);
      expectPassed(repository.try('commit', '-qam', 'next'));
    });

    it('the removal of a file, and of a line', () => {
      const repository = fresh();
      unchecked(repository, { 'a.nix': planted, 'b.nix': filler + planted });
      rmSync(join(repository.root, 'a.nix'));
      expectPassed(repository.commitFiles({ 'b.nix': filler }));
    });

    it('a submodule, whatever is in it', () => {
      const repository = fresh();
      const other = fresh();
      unchecked(other, { 'a.nix': planted });
      repository.git('submodule', '--quiet', 'add', other.root, 'sub');
      expectPassed(repository.try('commit', '-qm', 'next'));
    });

    it('a rename of an old finding', () => {
      const repository = fresh();
      unchecked(repository, { 'a.nix': filler + planted });
      repository.git('mv', 'a.nix', 'b.nix');
      const run = repository.try('commit', '-qm', 'next');
      // Without rename detection the whole file is new; to say it once more is right as well.
      if (run.status !== 0) expectBlocked(run);
    });

    it('two commits at once, each with its own verdict', async () => {
      const repository = fresh();
      const trees = ['one', 'two'].map(name => join(repository.folder, name));
      for (const tree of trees) {
        repository.git('worktree', 'add', '-q', tree);
        writeFiles(tree, { 'a.nix': tree.endsWith('one') ? planted : '{ }\n' });
        repository.at(tree).git('add', '--all');
      }
      const { env } = repository;
      const runs = trees.map(cwd => runProcess(['git', 'commit', '-qm', 'next'], { cwd, env }));
      const [one, two] = await Promise.all(runs);
      expect([one?.status, two?.status]).toEqual([1, 0]);
    });

    it('an index that it may not write: it stays byte for byte', () => {
      const repository = fresh();
      repository.write({ 'a.nix': planted });
      repository.git('add', 'a.nix');
      const index = join(repository.root, '.git/index');
      // Older than the entries, so that git would like to refresh it.
      repository.write({ 'README.md': 'a fleet\n' });
      chmodSync(index, 0o400);
      const before = [readFileSync(index), statSync(index).mtimeMs];
      expect(repository.secrets('hook', 'run', 'pre-commit').status).toBe(1);
      expect([readFileSync(index), statSync(index).mtimeMs]).toEqual(before);
    });
  });

  describe('stops a push of what no other hook saw', () => {
    /** A repository with a remote that has its first commit. */
    function withRemote(): GuardedRepository {
      const repository = fresh();
      repository.git('init', '-q', '--bare', '../remote.git');
      repository.git('remote', 'add', 'origin', '../remote.git');
      expectPassed(repository.try('push', '-q', '-u', 'origin', 'main'));
      return repository;
    }

    it('made with --no-verify, on a branch that the remote has', () => {
      const repository = withRemote();
      unchecked(repository, { 'a.nix': planted });
      expectBlocked(repository.try('push', '-q'));
      expect(repository.git('rev-parse', 'origin/main')).not.toBe(repository.git('rev-parse', 'HEAD'));
      expectPassed(repository.try('push', '-q', '--no-verify'));
    });

    it('in a commit that a later one takes back', () => {
      const repository = withRemote();
      unchecked(repository, { 'a.nix': planted });
      rmSync(join(repository.root, 'a.nix'));
      expectPassed(repository.commitFiles({ 'b.nix': '{ }\n' }));
      expectBlocked(repository.try('push', '-q'));
    });

    it('on a new branch', () => {
      const repository = withRemote();
      repository.git('checkout', '-qb', 'side');
      unchecked(repository, { 'a.nix': planted });
      expectPassed(repository.commitFiles({ 'a.nix': '{ }\n' }));
      expectBlocked(repository.try('push', '-q', '-u', 'origin', 'side'));
    });

    it('on a new branch that merges several which the remote has', () => {
      const repository = withRemote();
      for (const name of ['one', 'two']) {
        repository.git('checkout', '-qb', name, 'main');
        expectPassed(repository.commitFiles({ [`${name}.nix`]: '{ }\n' }));
        expectPassed(repository.try('push', '-q', 'origin', name));
      }
      repository.git('merge', '-q', '--no-edit', 'one');
      repository.git('checkout', '-qb', 'both');
      expectPassed(repository.try('push', '-q', 'origin', 'both'));
      unchecked(repository, { 'a.nix': planted });
      repository.git('checkout', '-qb', 'more');
      expectBlocked(repository.try('push', '-q', 'origin', 'more'));
    });

    it('in the first push of all', () => {
      const repository = fresh();
      repository.git('init', '-q', '--bare', '../remote.git');
      unchecked(repository, { 'a.nix': planted });
      rmSync(join(repository.root, 'a.nix'));
      expectPassed(repository.commitFiles({ 'b.nix': '{ }\n' }));
      expectBlocked(repository.try('push', '-q', '../remote.git', 'main'));
    });

    it('under a tag', () => {
      const repository = withRemote();
      unchecked(repository, { 'a.nix': planted });
      repository.git('tag', '-m', 'a release', 'v1');
      repository.git('reset', '-q', '--hard', 'HEAD~1');
      expectBlocked(repository.try('push', '-q', 'origin', 'v1'));
    });

    it('in the text of a tag, on a commit that is there already', () => {
      const repository = withRemote();
      repository.git('tag', '-m', 'a release', 'v1');
      repository.git('tag', '-m', `a release\n\nbuilt with ${token}`, 'v2');
      repository.git('tag', '-f', 'light');
      expectPassed(repository.try('push', '-q', 'origin', 'v1', 'light'));
      expectBlocked(repository.try('push', '-q', 'origin', 'v2'));
      expectBlocked(repository.try('push', '-q', '--tags'));
      const all = repository.secrets('scan', '--all');
      expect(all.status).toBe(1);
      expect(all.output).toContain('github-token');
      expect(all.output).not.toContain(token);
    });

    it('cherry-picked', () => {
      const repository = withRemote();
      repository.git('checkout', '-qb', 'side');
      unchecked(repository, { 'a.nix': planted });
      repository.git('checkout', '-q', 'main');
      expectPassed(repository.commitFiles({ 'b.nix': '{ }\n' }));
      expectPassed(repository.try('cherry-pick', 'side'));
      expectBlocked(repository.try('push', '-q'));
    });

    it('brought back by a revert', () => {
      const repository = withRemote();
      unchecked(repository, { 'a.nix': planted });
      expectPassed(repository.try('push', '-q', '--no-verify'));
      repository.git('rm', '-q', 'a.nix');
      expectPassed(repository.try('commit', '-qm', 'next'));
      expectPassed(repository.try('push', '-q'));
      expectPassed(repository.try('revert', '--no-edit', 'HEAD'));
      expectBlocked(repository.try('push', '-q'));
    });

    it('rebased', () => {
      const repository = withRemote();
      repository.git('checkout', '-qb', 'side');
      unchecked(repository, { 'a.nix': planted });
      repository.git('checkout', '-q', 'main');
      expectPassed(repository.commitFiles({ 'b.nix': '{ }\n' }));
      repository.git('checkout', '-q', 'side');
      expectPassed(repository.try('rebase', '-q', 'main'));
      expectBlocked(repository.try('push', '-q', 'origin', 'side'));
    });

    it('over a branch whose last commit was never fetched', () => {
      const repository = withRemote();
      const other = fresh();
      other.git('remote', 'add', 'origin', join(repository.folder, 'remote.git'));
      other.git('fetch', '-q', 'origin');
      expectPassed(other.commitFiles({ 'c.nix': '{ }\n' }));
      expectPassed(other.try('push', '-q', '--force', 'origin', 'main'));
      unchecked(repository, { 'a.nix': planted });
      expectBlocked(repository.try('push', '-q', '--force', 'origin', 'main'));
    });

    it('where a manager of hooks keeps the lines of git to itself', () => {
      const repository = withRemote();
      expectPassed(repository.secrets('hook', 'run', 'pre-push'));
      unchecked(repository, { 'a.nix': planted });
      expectBlocked(repository.secrets('hook', 'run', 'pre-push'));
    });

    it('but not a removed branch, a clean push, or one with nothing new', () => {
      const repository = withRemote();
      expectPassed(repository.commitFiles({ 'b.nix': '{ }\n' }));
      expectPassed(repository.try('push', '-q', 'origin', 'main', 'main:other'));
      expectPassed(repository.try('push', '-q', 'origin', ':other'));
      repository.git('branch', 'same');
      expectPassed(repository.try('push', '-q', 'origin', 'same'));
      expectPassed(repository.try('push', '-q'));
    });
  });
});
