import type { HandEntry, HandHost, HandWritten } from '../../workspace/hand-written.ts';
import { type CheckFinding, finding, softened } from './finding.ts';
import type { Reader } from './hand-host.ts';
import { shortened } from './hand-options.ts';

/** Options that give a template its content. */
const FILLS = ['content', 'file'];

/** What the templates of a configuration will not hold: the value of an early secret, or anything at all. */
export function checkTemplates(written: HandWritten, reader: Reader): CheckFinding[] {
  const { hand, host } = reader;
  if (hand === null || host === null) return [];
  return [...earlyPlaceholders(written, reader, hand, host), ...emptyTemplates(written, reader, hand, host)];
}

/** What is decrypted before users exist is in another manifest than the templates. */
function earlyPlaceholders(
  { placeholders }: HandWritten,
  { declares }: Reader,
  { modules }: HandHost,
  host: string,
): CheckFinding[] {
  const paths = new Set(modules.map(({ path }) => path));
  return declares.secrets.flatMap(({ secret }) => {
    const use = placeholders.get(secret.attribute)?.find(({ path }) => paths.has(path));
    if (!secret.neededForUsers || use === undefined) return [];
    const place = { file: use.path, line: use.line, host, secret: secret.attribute };
    const message = `${shortened(secret.attribute)} is neededForUsers: its placeholder is not replaced in a template, and arrives as it is`;
    const fix = 'declare it a second time under another name, with the same key and without neededForUsers';
    return [finding('template-fails', place, message, fix)];
  });
}

function emptyTemplates(
  { filled }: HandWritten,
  { opaque }: Reader,
  { modules }: HandHost,
  host: string,
): CheckFinding[] {
  if (filled === null || opaque) return [];
  const all = modules.flatMap(({ templates }) => templates);
  const given = new Set(all.filter(isFilled).map(({ attribute }) => attribute));
  return all.flatMap(({ attribute, path, line }) => {
    if (given.has(attribute) || filled.has(attribute)) return [];
    const place = { file: path, line, host, secret: attribute };
    const message = `the template ${shortened(attribute)} has neither content nor file: an empty file is rendered`;
    const fix = `sops.templates.${JSON.stringify(shortened(attribute))}.content = …`;
    return [softened(finding('template-fails', place, message, fix))];
  });
}

function isFilled({ options, whole }: HandEntry): boolean {
  return whole !== null || FILLS.some(name => options.has(name));
}
