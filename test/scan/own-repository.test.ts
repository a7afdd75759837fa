import { spawnSync } from 'node:child_process';
import { lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { processorClock } from '../../src/cli/processor-clock.ts';
import { fingerprintOf } from '../../src/cli/scan/fingerprint.ts';
import { ALLOW_FILE } from '../../src/cli/scan/subject.ts';
import { Allowances, parseAllowFile } from '../../src/scan/allow-file.ts';
import { scanBytes } from '../../src/scan/engine.ts';
import { describeWith, programPath } from '../helpers/programs.ts';
import { projectRoot } from '../helpers/sandbox.ts';

/** Without what a hook sets, which would point git at another index. */
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_')));

function git(args: readonly string[], input = ''): Buffer {
  const { status, stdout, stderr } = spawnSync(programPath('git') ?? 'git', args, {
    cwd: projectRoot,
    env,
    input,
    maxBuffer: 2 ** 30,
  });
  expect(status, `git ${args.join(' ')}: ${stderr}`).toBe(0);
  return stdout;
}

interface Thing {
  readonly name: string;
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Everything that git tracks, as it is in the work tree; a link is its target. */
function trackedFiles(): Thing[] {
  const paths = git(['ls-files', '-z']).toString().split('\0').slice(0, -1);
  return paths.flatMap(path => {
    const file = join(projectRoot, path);
    const stat = lstatSync(file, { throwIfNoEntry: false });
    if (stat === undefined) return [];
    const bytes = stat.isSymbolicLink() ? Buffer.from(readlinkSync(file)) : readFileSync(file);
    return [{ name: path, path, bytes }];
  });
}

/** Every file that was ever committed, under one of the paths that it had, and every commit message. */
function* history(): Generator<Thing> {
  const listed = git(['rev-list', '--objects', '--all']).toString().trim().split('\n');
  const paths = new Map(
    listed.map(line => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]),
  );
  const ids = listed.map(line => line.split(' ')[0] ?? '');
  const output = git(['cat-file', '--batch'], `${ids.join('\n')}\n`);
  let at = 0;
  for (const id of ids) {
    const end = output.indexOf(10, at);
    const [, type, size] = output.subarray(at, end).toString().split(' ');
    const bytes = output.subarray(end + 1, end + 1 + Number(size));
    at = end + 1 + Number(size) + 1;
    if (type === 'tree') continue;
    const path = type === 'blob' ? (paths.get(id) ?? id) : `${type}.txt`;
    yield { name: `${path} (${type} ${id.slice(0, 12)})`, path, bytes };
  }
}

/** The throw-away keys of the tests, by their fingerprints. */
const list = parseAllowFile(readFileSync(join(projectRoot, ALLOW_FILE)), ALLOW_FILE);
const allowances = new Allowances(list);

/** What is found and what could not be checked, a line for each: a place, never a value. */
function findings(things: Iterable<Thing>): { readonly count: number; readonly found: string[] } {
  const found: string[] = [];
  let count = 0;
  for (const { name, path, bytes } of things) {
    count++;
    const report = scanBytes(path, bytes, { now: processorClock });
    for (const { rule, line, secret } of report.findings) {
      const fingerprint = () => fingerprintOf(list.key, rule, secret.reveal());
      if (!allowances.allows({ rule, path, fingerprint })) found.push(`${name}:${line} ${rule}`);
    }
    if (report.unchecked !== null) found.push(`${name}: ${report.unchecked}`);
  }
  return { count, found };
}

describeWith(['git'], 'this repository', () => {
  it('has no credential in any file', () => {
    const { count, found } = findings(trackedFiles());
    expect(count).toBeGreaterThan(300);
    expect(found).toEqual([]);
    expect(allowances.unused()).toEqual([]);
  });

  it('has none in its history', () => {
    const commits = Number(git(['rev-list', '--count', '--all']));
    const shallow = git(['rev-parse', '--is-shallow-repository']).toString().trim() === 'true';
    const { count, found } = findings(history());
    const depth = shallow ? ' of a shallow clone, which has no more' : '';
    process.stderr.write(`checked ${count} objects of ${commits} commits${depth}\n`);
    expect(count).toBeGreaterThan(commits);
    expect(found).toEqual([]);
  });
});
