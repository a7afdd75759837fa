import type { ScanRule } from '../model.ts';
import { AGE_RULES } from './age.ts';
import { MAGIC_RULES } from './magic.ts';
import { OTHER_RULES } from './other.ts';
import { PEM_RULES } from './pem.ts';
import { WIREGUARD_RULES } from './wireguard.ts';

/** Private keys of every kind, parsed. */
export const KEY_RULES: readonly ScanRule[] = [
  ...AGE_RULES,
  ...PEM_RULES,
  ...OTHER_RULES,
  ...WIREGUARD_RULES,
  ...MAGIC_RULES,
];
