import { isCredential } from '../assignments/judge.ts';
import { classifyName } from '../assignments/names.ts';
import { isPlaceholder, isReference } from '../assignments/value.ts';
import type { Hit, ScanRule, Source } from '../model.ts';
import { keywordPlaces } from '../tokens/rule.ts';
import { hit, isStatedSecret } from './found.ts';

const VARIABLE = /variable[ \t]{1,8}"?(?<name>[\w-]{1,80})"?[ \t]{0,8}\{/y;
const DEFAULT = /\n[ \t]{0,16}default[ \t]{0,16}=[ \t]{0,16}"(?<secret>[^"\n]{6,512})"/d;
const GENERATED =
  /"(?:result|bcrypt_hash|b64_std|hex|private_key_pem|secret|plaintext|client_secret|value)"\s{0,8}:\s{0,8}"(?<secret>[^"\n\\]{6,512})"/dg;
const GENERATORS = [
  '"random_password"',
  '"random_string"',
  '"random_bytes"',
  '"azuread_application_password"',
  '"aws_iam_access_key"',
];
const REACH = 1200;

/** What Terraform is given as a default, and what it writes down of the passwords that it makes. */
export const TERRAFORM_RULES: readonly ScanRule[] = [
  {
    id: 'terraform-default',
    title: 'a password as the default of a Terraform variable',
    keywords: ['variable "', 'variable  "'],
    concerns: path => /\.(?:tf|tofu|hcl|tf\.json)$/i.test(path),
    find: defaults,
  },
  {
    id: 'terraform-state',
    title: 'a password in the state of Terraform',
    keywords: GENERATORS,
    why: 'the state holds every password in clear text',
    find: generated,
  },
];

function* defaults(source: Source): Iterable<Hit> {
  const { text } = source;
  let done = 0;
  for (const at of keywordPlaces(source, ['variable "', 'variable  "'])) {
    if (at < done) continue;
    VARIABLE.lastIndex = at;
    const name = VARIABLE.exec(text)?.groups?.['name'];
    const kind = name === undefined ? null : classifyName(name);
    if (kind === null) continue;
    const rest = text.slice(at, at + REACH);
    const close = rest.indexOf('\n}');
    const block = close < 0 ? rest : rest.slice(0, close);
    done = at + block.length;
    const place = DEFAULT.exec(block)?.indices?.groups?.['secret'];
    if (place === undefined) continue;
    const value = block.slice(place[0], place[1]);
    if (!isStatedSecret(value, 6) || !isCredential(value, kind, false, { setting: 'config' })) continue;
    yield hit(at, at + place[1], at + place[0], at + place[1]);
  }
}

/** `"type": "random_password"`, and below it `"result": "…"`. */
function* generated(source: Source): Iterable<Hit> {
  let done = 0;
  for (const at of keywordPlaces(source, GENERATORS)) {
    if (at < done) continue;
    const rest = source.text.slice(at, at + REACH);
    const next = rest.indexOf('"type"', 8);
    const block = next < 0 ? rest : rest.slice(0, next);
    done = at + block.length;
    for (const match of block.matchAll(GENERATED)) {
      const place = match.indices?.groups?.['secret'];
      const value = match.groups?.['secret'] ?? '';
      if (place === undefined || isPlaceholder(value) || isReference(value) || match[0].startsWith('"bcrypt'))
        continue;
      yield hit(at + place[0], at + place[1], at + place[0], at + place[1]);
    }
  }
}
