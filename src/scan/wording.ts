import type { InlineAllowance } from './allow-inline.ts';
import type { ScanRule } from './model.ts';

const WHY = 'whoever can read the repository, now or in a later copy of it, can use it';

/** What a finding says: the kind of credential and what it opens, never a part of the value. */
export function messageOf(rule: ScanRule, allowance: InlineAllowance): string {
  const message = `${rule.title} in clear: ${rule.why ?? WHY}`;
  if (allowance === 'no reason') return `${message}; the comment that allows it gives no reason`;
  if (allowance === 'unknown rule')
    return `${message}; the comment beside it allows a rule that does not exist`;
  return message;
}

/** What to do: move it, make it worthless, or say why it may stay. */
export function fixOf(rule: ScanRule): string {
  const revoke = rule.revoke ?? 'revoke it where it was issued';
  return [
    'move it out of git: secrets add NAME --host HOST --from-file FILE, and read it from config.sops.secrets.NAME.path',
    `if it was ever pushed, ${revoke}`,
    `or allow it in a comment on its line: ${allowanceFor(rule.id)}`,
  ].join('; ');
}

function allowanceFor(id: string): string {
  return `secrets:allow ${id} -- REASON`;
}
