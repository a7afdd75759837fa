import { Buffer } from 'node:buffer';
import type { Language } from './language.ts';
import { type Assigned, LONGEST } from './locate.ts';
import { classifyName, type NameClass, wordsOf } from './names.ts';
import { isRandom } from './score.ts';
import { isSpacedPassword } from './spaced.ts';
import { isDescription, isHumanPassword, isLeet, isPlaceholder, isReference, kindsOf } from './value.ts';

/** @returns of which class the literal is that a name is given; `null`: none, or none that is a credential */
export function judge(found: Assigned, language: Language): NameClass | null {
  const name = classifyName(found.name);
  if (name === null) return null;
  const value = unescaped(found.value);
  if (value !== found.value) return judge({ ...found, value }, language);
  if (found.quote !== '' && isSpacedPassword(value, language.setting)) return name;
  if (!isLiteral(found, language)) return null;
  if (isCredential(found.value, name, found.indirect, language)) return name;
  if (name === 'password' && isNumber(found, language)) return name;
  return isSharedSecret(found, language) ? name : null;
}

/** `secret = …` of a daemon's configuration, or of a framework, is as often made up by people as a password is. */
export function isSharedSecret(
  { name, value, indirect }: Pick<Assigned, 'name' | 'value' | 'indirect'>,
  { syntax, setting }: Language,
): boolean {
  if (indirect || !/secret(?:[-_]?key)?["']?$/i.test(name) || setting === 'story' || setting === 'trial')
    return false;
  if (syntax === 'plain' && setting === 'config') {
    if (value.length >= 8 && /[A-Z]|\d[a-z]/.test(value) && isHumanPassword(value, 'config')) return true;
    if (/^[a-z-]{20,}$/.test(value) && isHumanPassword(value, 'code')) return true;
  }
  if (value.length >= 12 && kindsOf(value) >= 3 && isHumanPassword(value, 'story')) return true;
  // in YAML and JSON `secret` is as often the name of one
  if (syntax === 'yaml' || syntax === 'json') return false;
  if (!/key["']?$/i.test(name) || value.length < 10 || isLeet(value)) return false;
  const isWhole = /^[a-z][a-z\d]*[!?.]{0,2}$|^[a-z-]+$/i.test(value);
  return isWhole && isHumanPassword(value, 'code');
}

/** The key of a wireless network as routers come with it, and what is too long to count anything. */
function isNumber({ name, value }: Assigned, { setting }: Language): boolean {
  if (!/^\d{8,63}$/.test(value) || setting === 'story' || setting === 'trial') return false;
  return value.length >= 16 || /wi-?fi|wlan|wpa|psk/i.test(name);
}

/** Texts of other languages are written as `\u30d1` in JSON and properties. */
function unescaped(value: string): string {
  if (!value.includes('\\u')) return value;
  return value.replace(/\\u([0-9A-Fa-f]{4})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
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
export function isKeyId(value: string, name: string): boolean {
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
