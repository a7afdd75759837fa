import { isUtf8 } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { lstat, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ExitCode, SecretsError } from '../../errors.ts';
import { findGitTop } from '../../git/repository.ts';
import { parseAllowFile } from '../../scan/allow-file.ts';
import type { Session } from '../session.ts';
import { personAt } from '../vault.ts';
import type { GuardFinding } from './finding.ts';
import { fingerprintOf } from './fingerprint.ts';
import { runScan, type ScanMeans } from './run-scan.ts';
import { counted, oneLine, uncheckedLines } from './say-result.ts';
import { ALLOW_FILE, type Subject } from './subject.ts';

const HEADER = [
  '# What `secrets scan` lets through: rule, path, fingerprints of the values, and why. A fingerprint is made with the',
  '# key below and tells nothing of a long value; a short password should rather be changed than allowed.',
  '',
].join('\n');
const REASON = 'was there when the baseline was made; look at it';

/**
 * `secrets scan --baseline`: writes what is found now into the allow file, so that only what comes new is found.
 *
 * @throws SecretsError `USAGE` (nobody is there to confirm it), `BAD_ALLOW_LIST`, `WRITE_FAILED`
 */
export async function writeBaseline(
  session: Session,
  subject: Subject,
  means: ScanMeans,
  yes: boolean,
): Promise<number> {
  const { talk, world } = session;
  const result = await runScan(subject, means);
  const { findings, unchecked } = result;
  const credentials = findings.filter(({ secret }) => secret !== null);
  for (const { file, line, rule } of findings) {
    const note = credentials.some(other => other.file === file && other.rule === rule)
      ? ''
      : ' (cannot be in a baseline: put it right)';
    await talk.say(`  ${oneLine(file)}:${line} ${rule}${note}`);
  }
  for (const line of uncheckedLines(result)) await talk.say(line);
  if (credentials.length > 0) {
    if (!yes) await confirm(session, credentials.length);
    const base = (await findGitTop(world.cwd, world.env)) ?? world.cwd;
    await append(join(base, ALLOW_FILE), credentials);
  }
  const left = findings.length - credentials.length;
  const entered =
    credentials.length === 0
      ? `nothing was put into ${ALLOW_FILE}`
      : `${counted(credentials.length, 'finding')} ${credentials.length === 1 ? 'is' : 'are'} in ${ALLOW_FILE} now`;
  await talk.note(`${entered}${left === 0 ? '' : `, ${left} cannot be`}`);
  if (talk.json) await talk.outJson({ allowed: credentials.length, left, unchecked });
  if (left > 0) return ExitCode.findings;
  return unchecked.length > 0 ? ExitCode.failure : ExitCode.ok;
}

async function confirm({ world }: Session, count: number): Promise<void> {
  const terminal = await personAt(world);
  if (terminal === null)
    throw new SecretsError('USAGE', 'nothing was changed: nobody is there to confirm it', {
      hint: 'to write it: add --yes',
    });
  if (!(await terminal.confirm(`let these ${count} findings through from now on?`)))
    throw new SecretsError('INTERRUPTED', 'nothing was changed');
}

/** What stands there stays as it is; entries are added behind it. */
async function append(path: string, findings: readonly GuardFinding[]): Promise<void> {
  const present = await presentText(path);
  const start = present ?? `${HEADER}key: ${randomBytes(16).toString('hex')}\nallow:\n`;
  const { key } = parseAllowFile(Buffer.from(start.replace(/\nallow:\n$/, '\nallow: []\n')), ALLOW_FILE);
  const text = `${start.replace(/^allow: *\[\] *\n/m, 'allow:\n').replace(/\n*$/, '\n')}${entriesOf(key, findings)}`;
  parseAllowFile(Buffer.from(text), ALLOW_FILE);
  const temporary = `${path}.${randomBytes(6).toString('hex')}.new`;
  try {
    await writeFile(temporary, text, { flag: 'wx' });
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new SecretsError('WRITE_FAILED', `it could not be written (${code})`, { file: ALLOW_FILE });
  }
}

async function presentText(path: string): Promise<string | null> {
  const found = await lstat(path).catch(() => null);
  if (found === null) return null;
  if (!found.isFile())
    throw new SecretsError('BAD_ALLOW_LIST', 'it is no regular file', { file: ALLOW_FILE });
  const bytes = await readFile(path);
  if (!isUtf8(bytes)) throw new SecretsError('BAD_ALLOW_LIST', 'it is no UTF-8 text', { file: ALLOW_FILE });
  return bytes.toString('utf8');
}

/** One entry for each rule and file, with the fingerprints of all its values. */
function entriesOf(key: string, findings: readonly GuardFinding[]): string {
  const groups = new Map<string, { rule: string; file: string; prints: Set<string> }>();
  for (const { rule, file, secret } of findings) {
    if (secret === null) continue;
    const group = groups.get(`${rule}\0${file}`) ?? { rule, file, prints: new Set<string>() };
    group.prints.add(fingerprintOf(key, rule, secret.reveal()));
    groups.set(`${rule}\0${file}`, group);
  }
  return [...groups.values()]
    .map(({ rule, file, prints }) =>
      [
        `  - rule: ${rule}`,
        `    path: ${JSON.stringify(file.replace(/[*?]/g, '?'))}`,
        `    reason: ${REASON}`,
        '    fingerprints:',
        ...[...prints].map(print => `      - ${print}`),
      ].join('\n'),
    )
    .map(entry => `${entry}\n`)
    .join('');
}
