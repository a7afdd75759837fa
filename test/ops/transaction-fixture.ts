import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { FileChange } from '../../src/ops/transaction.ts';

/** Text as the engine takes it. */
export const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

/** A change of text; the mode counts for a new file. */
export function change(path: string, before: string | null, after: string | null, mode = 0o644): FileChange {
  return {
    path,
    before: before === null ? null : { bytes: bytes(before), mode: 0o644 },
    after: after === null ? null : { bytes: bytes(after), mode },
  };
}

/** One of each kind: replaced twice, made in new folders twice, removed. */
export const CHANGES: readonly FileChange[] = [
  change('.sops.yaml', 'keys: []\n', 'keys: [a]\n'),
  change('secrets/megumu/run', 'old run\n', 'new run\n'),
  change('secrets/aya/deep/wifi.yaml', null, 'new wifi\n'),
  change('secrets/aya/key', null, 'new key\n', 0o600),
  change('secrets/megumu/gone.yaml', 'old gone\n', null),
];

/** The state that {@link CHANGES} starts from, as `snapshot` shows it. */
export const OLD: Readonly<Record<string, string>> = {
  '.sops.yaml': '0644 keys: []\n',
  'secrets/': '0755',
  'secrets/megumu/': '0755',
  'secrets/megumu/gone.yaml': '0644 old gone\n',
  'secrets/megumu/run': '0751 old run\n',
};

/** The state that {@link CHANGES} leads to. */
export const NEW: Readonly<Record<string, string>> = {
  '.sops.yaml': '0644 keys: [a]\n',
  'secrets/': '0755',
  'secrets/aya/': '0755',
  'secrets/aya/deep/': '0755',
  'secrets/aya/deep/wifi.yaml': '0644 new wifi\n',
  'secrets/aya/key': '0600 new key\n',
  'secrets/megumu/': '0755',
  'secrets/megumu/run': '0751 new run\n',
};

/** Builds {@link OLD}. */
export function writeOld(root: string): void {
  for (const [path, entry] of Object.entries(OLD)) {
    const mode = Number.parseInt(entry.slice(0, 4), 8);
    const full = join(root, path);
    mkdirSync(path.endsWith('/') ? full : dirname(full), { recursive: true });
    if (!path.endsWith('/')) writeFileSync(full, entry.slice(5));
    chmodSync(full, mode);
  }
}
