/** So long is base64 of sixteen bytes; names that people give hold words. */
const SHORTEST = 20;
/** No word that anybody gives a variable has so many letters and digits in a row. */
const LONGEST_WORD = 40;

/**
 * True for a name that is rather a value: in dotenv and INI a line of base64 ends in `=`, so that `head -c 32
 * /dev/urandom | base64 >> app.env` makes a name of a key.
 */
export function isValueLike(name: string): boolean {
  if (name.length < SHORTEST || !/^[A-Za-z0-9+/]+={0,2}$/.test(name)) return false;
  const kinds = [/[a-z]/, /[A-Z]/, /[0-9]/].filter(kind => kind.test(name)).length;
  if (kinds < 3) return false;
  // `2factorAuthentication1Key` has words in it
  const isDigitsFirst = /^[0-9]/.test(name) && !/[a-z]{8}/.test(name);
  return /[+/]/.test(name) || isDigitsFirst || name.length >= LONGEST_WORD;
}

/** What is shown instead of such a name. */
export function withoutValue(name: string): string {
  return isValueLike(name) ? `(a name of ${name.length} characters)` : name;
}
