import { Buffer } from 'node:buffer';
import type { Language } from './language.ts';
import { type Assigned, LONGEST } from './locate.ts';
import { classifyName, type NameClass, wordsOf } from './names.ts';
import { isRandom } from './score.ts';
import { isDescription, isHumanPassword, isPlaceholder, isReference, kindsOf } from './value.ts';

/** @returns of which class the literal is that a name is given; `null`: none, or none that is a credential */
export function judge(found: Assigned, language: Language): NameClass | null {
  const name = classifyName(found.name);
  if (name === null || !isLiteral(found, language)) return null;
  if (isCredential(found.value, name, found.indirect, language)) return name;
  return isSharedSecret(found, language) ? name : null;
}

/** `secret = …` of a daemon's configuration is as often made up by people as a password is. */
function isSharedSecret({ name, value, indirect }: Assigned, { syntax, setting }: Language): boolean {
  if (syntax !== 'plain' || setting !== 'config' || indirect || !/secret["']?$/i.test(name)) return false;
  return value.length >= 8 && /[A-Z]|\d[a-z]/.test(value) && isHumanPassword(value, 'config');
}

/** True where nothing fills the value in, neither a program nor the reader. */
function isLiteral({ value, quote, name }: Assigned, { syntax }: Language): boolean {
  if (value.length < 6 || value.length >= LONGEST) return false;
  if (isReference(value) || isDescription(value)) return false;
  if (syntax === 'shell' && quote !== "'" && /[$`]/.test(value)) return false;
  if (isPlaceholder(decoded(value))) return false;
  if (quote === '`' && value.includes('${')) return false;
  if (/^[A-Za-z_.-]+$/.test(value) && classifyName(value) !== null) return false;
  return !repeatsName(value, name) && !isKeyId(value, name);
}

/** `signingKey = "<40 hex>"`: which key signs, not the key. */
function isKeyId(value: string, name: string): boolean {
  return (
    /sign/i.test(name) &&
    /^(?:0x)?(?:[0-9A-Fa-f]{8}|[0-9A-Fa-f]{16}|[0-9A-Fa-f]{32}|[0-9A-F]{40}|[0-9a-f]{40})!?$/.test(value)
  );
}

/** What base64 stands for, if that is text; else the value itself. */
function decoded(value: string): string {
  if (!/^(?:[A-Za-z0-9+/]{4}){1,50}$|^[A-Za-z0-9+/]{4,200}={1,2}$/.test(value)) return value;
  const text = Buffer.from(value, 'base64').toString();
  return /^[\x20-\x7e]+$/.test(text) ? text : value;
}

/** `token: auth_token`, `"password": "newPassword"`: the value is another name for the name. */
export function repeatsName(value: string, name: string): boolean {
  const said = new Set(wordsOf(name));
  const words = wordsOf(value);
  return (
    words.length > 0 && /^[\w.:/ -]+$/.test(value) && words.every(word => said.has(word) || /^\d$/.test(word))
  );
}

/** Whether a literal behind a name of a class is what the name says. */
export function isCredential(
  value: string,
  name: NameClass,
  indirect: boolean,
  { setting }: Pick<Language, 'setting'>,
): boolean {
  const body = value.replace(/^(?:base64|hex):/, '');
  if (isRandom(body, name === 'token' ? (setting === 'trial' ? 16 : 14) : setting === 'trial' ? 14 : 12))
    return true;
  if (name === 'token')
    return (
      /[!#$%^&*@~?]/.test(body) &&
      kindsOf(body) >= 3 &&
      isHumanPassword(body, setting === 'trial' ? 'trial' : 'story')
    );
  return isHumanPassword(body, indirect && setting !== 'trial' ? 'story' : setting);
}
