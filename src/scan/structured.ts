import { KEY_RULES } from './keys/index.ts';
import type { ScanRule } from './model.ts';
import { TOKEN_RULES } from './tokens/index.ts';

/** Credentials that are known by their own form, so that finding one is no guess. */
export const STRUCTURED_RULES: readonly ScanRule[] = [...KEY_RULES, ...TOKEN_RULES];
