import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { processorClock } from '../../src/cli/processor-clock.ts';
import { scanBytes } from '../../src/scan/engine.ts';
import { describeWith, programPath } from '../helpers/programs.ts';
import { type Corpus, makeCorpus } from './corpus/index.ts';
import { falseBlocks, isFound, type Place, recall, type Verdicts } from './corpus/judge.ts';

const SEED = 99;

/** A report of gitleaks, as far as it is looked at. */
interface Leak {
  readonly File: string;
  readonly StartLine: number;
  readonly EndLine: number;
}

/** Lets gitleaks look at the corpus with its own rules; each file lies in a folder of its own. */
function gitleaks({ positives, negatives }: Corpus): Verdicts {
  const base = mkdtempSync(join(tmpdir(), 'secrets-gitleaks-'));
  try {
    for (const [index, { path, bytes }] of [...positives, ...negatives].entries()) {
      const file = join(base, String(index), path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, bytes);
    }
    const found: Place[][] = Array.from({ length: positives.length + negatives.length }, () => []);
    for (const { File, StartLine, EndLine } of leaksIn(base)) {
      found[Number(File.split('/')[0])]?.push({ line: StartLine, endLine: EndLine });
    }
    return { positives: found.slice(0, positives.length), negatives: found.slice(positives.length) };
  } finally {
    rmSync(base, { recursive: true });
  }
}

function leaksIn(base: string): Leak[] {
  const report = ['--report-format', 'json', '--report-path', '-'];
  const args = ['dir', '--no-banner', '--log-level', 'fatal', '--exit-code', '0', ...report, '.'];
  const { status, stdout, stderr } = spawnSync(programPath('gitleaks') ?? '', args, {
    cwd: base,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout) as Leak[];
}

function secrets({ positives, negatives }: Corpus): Verdicts {
  const scan = ({ path, bytes }: { path: string; bytes: Uint8Array }) =>
    scanBytes(path, bytes, { now: processorClock }).findings;
  return { positives: positives.map(scan), negatives: negatives.map(scan) };
}

describeWith(['gitleaks'], 'beside gitleaks', () => {
  it('finds more of every grade, what gitleaks finds too, and blocks no more', async () => {
    const corpus = await makeCorpus(SEED);
    const [own, theirs] = [secrets(corpus), gitleaks(corpus)];
    expect(recall(corpus, theirs, 'core').share, 'gitleaks has looked').toBeGreaterThan(0.4);
    for (const grade of ['core', 'medium', 'hard'] as const) {
      expect(recall(corpus, own, grade).hit, grade).toBeGreaterThan(recall(corpus, theirs, grade).hit);
    }
    const onlyTheirs = corpus.positives.filter((sample, index) => {
      const found = (verdicts: Verdicts) => isFound(sample, verdicts.positives[index] ?? []);
      return sample.grade === 'core' && found(theirs) && !found(own);
    });
    expect(onlyTheirs.map(({ kind }) => kind)).toEqual([]);
    expect(falseBlocks(corpus, own).hit).toBeLessThanOrEqual(falseBlocks(corpus, theirs).hit);
  });
});
