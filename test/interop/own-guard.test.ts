import { appendFileSync, cpSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { type GitRun, GuardedRepository } from '../helpers/guarded-repository.ts';
import { describeWith } from '../helpers/programs.ts';
import { projectRoot } from '../helpers/sandbox.ts';
import { diceOf, sampleOf } from '../scan/samples.ts';

const token = sampleOf('gh|p_{a30}{sum}', diceOf('own guard'));

/** A clone of this repository with its hooks, and on top the files as they are now. */
function cloneOfOurs(): GuardedRepository {
  const clone = new GuardedRepository([token]);
  onTestFinished(() => clone.dispose());
  clone.at(clone.folder).git('clone', '--quiet', '--no-hardlinks', projectRoot, clone.root);
  const here = clone.at(projectRoot);
  const paths = here.git('ls-files', '-z', '--cached', '--others', '--exclude-standard').split('\0');
  for (const path of paths.filter(name => name !== '' && existsSync(join(projectRoot, name)))) {
    mkdirSync(dirname(join(clone.root, path)), { recursive: true });
    cpSync(join(projectRoot, path), join(clone.root, path), { verbatimSymlinks: true });
  }
  expect(paths.length).toBeGreaterThan(300);
  clone.install();
  return clone;
}

/** Values of our secrets are not looked for where no key is at hand, which is said. */
function expectPassed({ status, output }: GitRun): void {
  expect(output.split('\n').filter(line => !/^(secrets: .* not .*)?$/.test(line))).toEqual([]);
  expect(status).toBe(0);
}

describeWith(['git'], 'this repository, guarded by its own hook', () => {
  it('takes a commit of ours, and stops one with a planted credential', () => {
    const clone = cloneOfOurs();
    for (const path of ['README.md', 'src/errors.ts', 'test/script/hook.txtar'])
      appendFileSync(join(clone.root, path), '\n');
    clone.git('add', '--all');
    expectPassed(clone.try('commit', '-qm', 'ours'));

    const planted = clone.commitFiles({ 'src/planted.ts': `export const token = '${token}';\n` });
    expect(planted.status).not.toBe(0);
    expect(planted.output).toContain('src/planted.ts:1');
    expect(planted.output).toContain('github-token');
    expect(clone.git('log', '-1', '--format=%s').trim()).toBe('ours');
  });

  it('takes a commit of every file at once, on a branch without a past', () => {
    const clone = cloneOfOurs();
    clone.git('checkout', '-q', '--orphan', 'anew');
    clone.git('add', '--all');
    expectPassed(clone.try('commit', '-qm', 'all of it'));
  });
});
