/** Environment variables, passed in so that nothing below the command line reads those of the process. */
type Variables = Readonly<Record<string, string | undefined>>;

/** The one variable of sops that holds a private key itself, and not where one lies. */
const HOLDS_A_KEY = /^SOPS_AGE_KEY$/;
/** That one, and those that say where keys lie. */
const LEADS_TO_KEYS = /^SOPS_AGE_(KEY|SSH_PRIVATE_KEY)/;

/**
 * The environment of a program that needs no private key, but may start others that look for one where the person keeps
 * them, as a filter of git does.
 */
export function withoutKey(env: Variables): Record<string, string | undefined> {
  return without(env, HOLDS_A_KEY);
}

/** The environment of a program that has no business with private keys at all. */
export function withoutIdentities(env: Variables): Record<string, string | undefined> {
  return without(env, LEADS_TO_KEYS);
}

function without(env: Variables, pattern: RegExp): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !pattern.test(name)));
}
