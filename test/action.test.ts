import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readAction, runAction } from './helpers/action.ts';
import { projectRoot, Sandbox } from './helpers/sandbox.ts';

const ZEROS = '0'.repeat(40);
let sandbox: Sandbox;

beforeEach(async () => {
  sandbox = new Sandbox();
  await succeed(['git', 'init', '-q']);
  await succeed(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', join(sandbox.home, 'host')]);
  await succeed(['secrets', 'init', '--admin', 'kamov']);
  await succeed(['secrets', 'host', 'add', 'megumu', '--ssh-key', join(sandbox.home, 'host.pub')]);
  await succeed(['secrets', 'add', 'kotori', '--host', 'megumu'], 'a value\n');
  await succeed(['git', 'commit', '-q', '-m', 'one']);
});

afterEach(() => sandbox.dispose());

async function succeed(argv: readonly string[], stdin = ''): Promise<string> {
  const { status, stdout, stderr } = await sandbox.run(argv, { stdin });
  if (status !== 0) throw new Error(`${argv.join(' ')}: exit ${status}: ${stderr}`);
  return stdout.toString('utf8').trim();
}

/** What GitHub says of a pull request of the last commit. */
async function pullRequest(since: string): Promise<Record<string, string>> {
  return {
    'github.event.pull_request.base.sha': await succeed(['git', 'rev-parse', since]),
    'github.event.pull_request.head.sha': await succeed(['git', 'rev-parse', 'HEAD']),
    'github.sha': await succeed(['git', 'rev-parse', 'HEAD']),
  };
}

describe('the GitHub Action', () => {
  it('is a composite action that interpolates nothing into a shell, and has a version that exists', () => {
    const { name, description, runs, inputs } = readAction();
    const { version, files } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'));
    expect(name).not.toBe('');
    expect(description).not.toBe('');
    expect(runs.using).toBe('composite');
    expect(String(inputs['version']?.default)).toBe(version);
    expect(files).toContain('action.yml');
    for (const step of runs.steps) {
      expect(step.shell, step.name).toBe('bash');
      expect(step.run, step.name).not.toContain('${{');
    }
  });

  it('says of a pull request what it changes, and finds nothing in a good one', async () => {
    await succeed(['secrets', 'add', 'smtp', '--host', 'megumu'], 'another value\n');
    await succeed(['git', 'commit', '-q', '-m', 'two']);
    const { steps, summary, npx } = await runAction(sandbox, {}, await pullRequest('HEAD~1'));
    expect([...steps].map(([name, { status }]) => [name, status])).toEqual([
      ['Node', 0],
      ['secrets check', 0],
      ['secrets scan', 0],
      ['secrets access', 0],
    ]);
    expect(summary).toContain('| `megumu` | `megumu/smtp` |  |');
    expect(new Set(npx.trim().split('\n'))).toEqual(new Set(['--yes nix-secrets@0.1.0']));
  });

  it('fails over plaintext, and leaves SARIF for the page of the code', async () => {
    writeFileSync(join(sandbox.work, 'secrets/megumu/plain.yaml'), 'plain: typed-by-hand\n');
    await succeed(['git', 'add', '.']);
    await succeed(['git', 'commit', '-q', '-m', 'two']);
    const { steps } = await runAction(sandbox, { sarif: 'sarif' }, await pullRequest('HEAD~1'));
    expect(steps.get('secrets check')?.status).toBe(1);
    expect(steps.get('secrets scan')?.status).toBe(1);
    for (const name of ['check', 'scan']) {
      const text = readFileSync(join(sandbox.work, `sarif/${name}.sarif`), 'utf8');
      expect(text).not.toContain('typed-by-hand');
      const [run] = JSON.parse(text).runs;
      const uris = run.results.map(
        (each: { locations: { physicalLocation: { artifactLocation: { uri: string } } }[] }) =>
          each.locations[0]?.physicalLocation.artifactLocation.uri,
      );
      expect(uris, name).toContain('secrets/megumu/plain.yaml');
    }
  });

  it('takes a push, a new branch and a run without commits as they come', async () => {
    const sha = await succeed(['git', 'rev-parse', 'HEAD']);
    for (const context of [
      { 'github.event.before': sha, 'github.sha': sha },
      { 'github.event.before': ZEROS, 'github.sha': sha },
      { 'github.sha': sha },
      {},
    ]) {
      const { steps, summary } = await runAction(sandbox, { 'max-age': '9' }, context);
      expect([...steps.values()].map(({ status }) => status)).toEqual([0, 0, 0, 0]);
      expect(summary).toBe('');
    }
  });

  it('does not run what an input holds', async () => {
    const evil = '$(touch pwned) `touch pwned`; touch pwned';
    const given = { host: evil, 'max-age': evil, 'scan-range': evil, 'access-since': evil };
    const { steps } = await runAction(sandbox, given, {});
    expect(steps.get('secrets check')?.status).toBe(2);
    expect(await succeed(['git', 'status', '--porcelain'])).toBe('');
  });
});
