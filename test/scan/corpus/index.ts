import { Chance } from './chance.ts';
import { credentialFiles } from './files.ts';
import { FRAMES, NAMED_FRAMES } from './frames.ts';
import { hardCases } from './hard.ts';
import { hashes } from './hashes.ts';
import { innocentLines, secretLinesOf } from './lines.ts';
import { assignments, oddPasswords } from './passwords.ts';
import { plainFiles } from './plain.ts';
import { blockKeys, keyFiles, lineKeys } from './private-keys.ts';
import { publicKeys } from './public.ts';
import { references } from './references.ts';
import { type Negative, type Positive, positive } from './sample.ts';
import { sealedFiles } from './sealed.ts';
import { secretPart, TOKEN_KINDS } from './tokens.ts';
import { urls } from './urls.ts';

/** Files with one credential each, and files with none. */
export interface Corpus {
  readonly positives: readonly Positive[];
  readonly negatives: readonly Negative[];
}

/** All of it is made here and now; apart from RSA keys and age files the same seed gives the same bytes. */
export async function makeCorpus(seed: number): Promise<Corpus> {
  const chance = new Chance(seed);
  return {
    positives: [
      ...tokens(chance.for('tokens')),
      ...blockKeys(chance.for('blocks')),
      ...lineKeys(chance.for('lines')),
      ...keyFiles(chance.for('key files')),
      ...credentialFiles(chance.for('files')),
      ...urls(chance.for('urls')),
      ...assignments(chance.for('assignments')),
      ...oddPasswords(chance.for('odd')),
      ...secretLinesOf(chance.for('own lines')),
      ...hardCases(chance.for('hard')),
    ],
    negatives: [
      ...(await sealedFiles(chance.for('sealed'))),
      ...publicKeys(chance.for('public')),
      ...hashes(chance.for('hashes')),
      ...references(chance.for('references')),
      ...plainFiles(chance.for('plain')),
      ...innocentLines(chance.for('innocent lines')),
    ],
  };
}

/** Kinds whose form is so weak that only the name beside them tells. */
const NEEDS_NAME = ['pagerduty', 'mailgun', 'nuget', 'twilio-key', 'asana', 'crates', 'square-access'];

/** Every issuer once, in another kind of file for each seed. */
function tokens(chance: Chance): Positive[] {
  let rest = chance.shuffled(FRAMES);
  return TOKEN_KINDS.map(({ kind, name, make }) => {
    const own = chance.for(kind);
    if (rest.length === 0) rest = chance.shuffled(FRAMES);
    const drawn = rest.shift() ?? own.pick(FRAMES);
    const frame = NEEDS_NAME.includes(kind) ? own.pick(NAMED_FRAMES) : drawn;
    const value = make(own);
    return positive('core', `${kind} in ${frame.title}`, frame.page(own, name, value), [secretPart(value)]);
  });
}
