import type { Random } from './characters.ts';
import { WORDS } from './words.ts';

/**
 * Words joined by `-`, 11 bits each: the list has 2048 of them, so that masking two random bytes is unbiased.
 */
export function passphrase(words: number, random: Random): string {
  const bytes = random(2 * words);
  const mask = WORDS.length - 1;
  return Array.from({ length: words }, (_, index) => {
    const number = ((bytes[2 * index] ?? 0) << 8) | (bytes[2 * index + 1] ?? 0);
    return WORDS[number & mask] ?? '';
  }).join('-');
}
