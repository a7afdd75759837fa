import type { FormatName } from './format.ts';

/**
 * The format that sops takes for a path (`cmd/sops/formats`): by its ending alone, in lower case; every
 * other name, `.env.prod` and `.YAML` among them, is binary.
 */
export function formatOfPath(path: string): FormatName {
  if (path.endsWith('.yaml') || path.endsWith('.yml')) return 'yaml';
  if (path.endsWith('.json')) return 'json';
  if (path.endsWith('.env')) return 'dotenv';
  if (path.endsWith('.ini')) return 'ini';
  return 'binary';
}
