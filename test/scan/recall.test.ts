import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { processorClock } from '../../src/cli/processor-clock.ts';
import { scanBytes } from '../../src/scan/engine.ts';
import type { ScanReport } from '../../src/scan/model.ts';
import { describeWith, programPath } from '../helpers/programs.ts';
import { type Corpus, makeCorpus } from './corpus/index.ts';
import {
  falseBlocks,
  isFound,
  leaks,
  NEVER_BLOCKED,
  recall,
  type Share,
  type Verdicts,
} from './corpus/judge.ts';
import type { Grade, Negative, Positive } from './corpus/sample.ts';

const SEEDS = [1, 20_261];

/** What is asked of the scanner, by how easily a credential is told. */
const WANTED: readonly (readonly [Grade, number])[] = [
  ['core', 0.97],
  ['medium', 0.8],
  ['hard', 0.6],
];

function scan({ path, bytes }: Positive | Negative): ScanReport {
  return scanBytes(path, bytes, { now: processorClock });
}

/** What to say where a threshold is missed: kinds, never values. */
function told(what: string, { hit, of, kinds }: Share): string {
  return [`${what}: ${hit} of ${of}`, ...kinds].join('\n  ');
}

describe.each(SEEDS)('the scanner on the corpus of seed %i', seed => {
  let corpus: Corpus;
  let reports: { readonly positives: ScanReport[]; readonly negatives: ScanReport[] };
  let verdicts: Verdicts;

  beforeAll(async () => {
    corpus = await makeCorpus(seed);
    reports = { positives: corpus.positives.map(scan), negatives: corpus.negatives.map(scan) };
    const places = (list: readonly ScanReport[]) => list.map(({ findings }) => findings);
    verdicts = { positives: places(reports.positives), negatives: places(reports.negatives) };
  });

  it.each(WANTED)('finds what is %s', (grade, wanted) => {
    const found = recall(corpus, verdicts, grade);
    expect(found.share, told(`${grade} found, missed are`, found)).toBeGreaterThanOrEqual(wanted);
  });

  it('never blocks what is encrypted, public, a digest, a lock file or a reference', () => {
    const blocked = falseBlocks(corpus, verdicts, NEVER_BLOCKED);
    expect(blocked.hit, told('blocked', blocked)).toBe(0);
  });

  it('blocks at most one innocent file in a hundred', () => {
    const blocked = falseBlocks(corpus, verdicts);
    expect(blocked.share, told('blocked', blocked)).toBeLessThanOrEqual(0.01);
  });

  it('says the line of what it finds', () => {
    const astray = corpus.positives.filter((sample, index) => {
      const found = verdicts.positives[index] ?? [];
      return found.length > 0 && !isFound(sample, found);
    });
    expect(astray.map(({ kind }) => kind)).toEqual([]);
  });

  it('shows no part of a value', () => {
    const leaking = corpus.positives.filter((sample, index) => leaks(sample, reports.positives[index]));
    expect(leaking.map(({ kind }) => kind)).toEqual([]);
  });

  it('checks every file to its end', () => {
    const all = [...corpus.positives, ...corpus.negatives];
    const unchecked = [...reports.positives, ...reports.negatives].flatMap((report, index) =>
      report.unchecked === null ? [] : [`${all[index]?.kind}: ${report.unchecked}`],
    );
    expect(unchecked).toEqual([]);
  });
});

describe('the corpus', () => {
  it('is large and mixed enough', async () => {
    const { positives, negatives } = await makeCorpus(7);
    const kinds = new Set(positives.map(({ kind }) => kind.split(' in ')[0]));
    const types = new Set(positives.map(({ path }) => path.split('/').at(-1)?.split('.').at(-1)));
    expect(positives.length).toBeGreaterThan(320);
    expect(kinds.size).toBeGreaterThan(90);
    expect(types.size).toBeGreaterThan(60);
    expect(negatives.length).toBeGreaterThan(320);
    for (const [grade] of WANTED) {
      expect(positives.filter(sample => sample.grade === grade).length).toBeGreaterThan(40);
    }
  });

  it('plants every value where it says', async () => {
    const { positives } = await makeCorpus(8);
    for (const { bytes, lines, kind } of positives) {
      if (lines === null) continue;
      const text = Buffer.from(bytes).toString();
      expect(text, kind).not.toMatch(/[\ue000\ue001]/);
      expect(text.split('\n').length, kind).toBeGreaterThanOrEqual(lines.last);
    }
  });

  it('is another one for another seed, with the same kinds', async () => {
    const [one, other] = [await makeCorpus(1), await makeCorpus(2)];
    const kinds = (corpus: Corpus) => corpus.positives.map(({ kind }) => kind.split(' in ')[0]);
    expect(kinds(one)).toEqual(kinds(other));
    const secrets = new Set(one.positives.flatMap(sample => sample.secrets));
    // Keys of RSA are made once for the process, and some binaries have nothing to hide.
    const shared = other.positives.filter(({ secrets: own }) => own.every(secret => secrets.has(secret)));
    expect(
      shared.filter(({ kind }) => !/rsa|DER|PEM in a binary|tor/.test(kind)).map(({ kind }) => kind),
    ).toEqual([]);
  });
});

describeWith(['ssh-keygen'], 'keys of the corpus', () => {
  it('are such as ssh-keygen reads', async () => {
    const { positives } = await makeCorpus(3);
    const keys = positives.filter(({ kind }) =>
      /^(openssh-(ed25519|rsa|ecdsa)|pem-(rsa|ec)) alone$/.test(kind),
    );
    expect(keys.length).toBe(5);
    const folder = mkdtempSync(join(tmpdir(), 'secrets-corpus-'));
    try {
      for (const { kind, bytes } of keys) {
        const file = join(folder, 'key');
        writeFileSync(file, bytes, { mode: 0o600 });
        const { status } = spawnSync(programPath('ssh-keygen') ?? '', ['-y', '-P', '', '-f', file]);
        expect(status, kind).toBe(0);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
