import type { Hit, ScanRule, Source } from '../model.ts';
import { looksMadeUp, looksRandom } from '../random.ts';
import { assignedRule, keywordPlaces, tokenRule } from './rule.ts';

const WHY = 'whoever reads it can act in the cloud account, and pays with it';
const REVOKE = 'deactivate and delete it in IAM (aws iam delete-access-key)';
/** How far behind its identifier a secret key is looked for. */
const NEAR = 400;

const ACCESS_KEY = tokenRule({
  id: 'aws-access-key',
  title: 'the identifier of an AWS access key',
  keywords: ['akia', 'asia', 'abia', 'acca'],
  pattern: '(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}',
  why: 'together with its secret key, which is seldom far away, it opens the cloud account',
  revoke: REVOKE,
});

const NAMED = assignedRule({
  id: 'aws-secret-key',
  title: 'an AWS secret key',
  keywords: [
    'secret_access_key',
    'secretaccesskey',
    'secret-access-key',
    'aws_secret_key',
    'aws_secret',
    'awssecretkey',
    'secret access key',
  ],
  value: '[A-Za-z0-9/+]{40}',
  why: WHY,
  revoke: REVOKE,
});

const SESSION = assignedRule({
  id: 'aws-session-token',
  title: 'an AWS session token',
  keywords: ['session_token', 'sessiontoken', 'security_token'],
  value: '(?:IQoJ|FwoG|FQoG)[A-Za-z0-9/+]{200,2000}={0,2}',
  why: WHY,
  revoke: 'revoke the sessions of its role in IAM',
});

/** A secret key in quotes, behind a sign or alone on its line, close behind the identifier. */
const NEARBY = /(?<=["'=:,\s`])[A-Za-z0-9/+]{40}(?=["',;\s`]|$)/g;

function* findNearby(source: Source): Iterable<Hit> {
  let done = 0;
  for (const at of keywordPlaces(source, ACCESS_KEY.keywords)) {
    if (at < done || !/^A[KSBC][IC]A[A-Z2-7]{16}(?![A-Za-z0-9])/.test(source.text.slice(at, at + 21)))
      continue;
    const from = at + 20;
    done = from + NEAR;
    for (const match of source.text.slice(from, done).matchAll(NEARBY)) {
      const start = from + match.index;
      if (/^[0-9a-f]{40}$/.test(match[0]) || !looksRandom(match[0])) continue;
      if (looksMadeUp(source.text.slice(at, at + 20))) continue;
      yield { start, end: start + 40, secretStart: start, secretEnd: start + 40 };
      break;
    }
  }
}

/** Known by the name before it, or by the identifier before it. */
const SECRET_KEY: ScanRule = {
  ...NAMED,
  keywords: [...NAMED.keywords, ...ACCESS_KEY.keywords],
  *find(source) {
    const at = keywordPlaces(source, SECRET_KEY.keywords);
    const isId = (place: number) => ACCESS_KEY.keywords.includes(source.lower.slice(place, place + 4));
    yield* NAMED.find({ ...source, at: at.filter(place => !isId(place)) });
    yield* findNearby({ ...source, at: at.filter(isId) });
  },
};

const BEDROCK = tokenRule({
  id: 'aws-bedrock-key',
  title: 'an Amazon Bedrock key',
  keywords: ['absk', 'bedrock-api-key-'],
  pattern: '(?:ABSK[A-Za-z0-9+/]{100,260}={0,2}|bedrock-api-key-[A-Za-z0-9+/=]{40,2000})',
  end: '(?![A-Za-z0-9+/=])',
  why: WHY,
  revoke: REVOKE,
});

/** Rules for Amazon. */
export const AWS_RULES: readonly ScanRule[] = [ACCESS_KEY, SECRET_KEY, SESSION, BEDROCK];
