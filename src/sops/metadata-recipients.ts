import type { Metadata, OtherList } from './metadata-model.ts';
import { TreeMap, type Value } from './tree.ts';

/** Every key that reads a file, in the text forms of sops (`ToString` of each `keysource.go`), in its order. */
export function recipientsOf(metadata: Metadata): string[] {
  return metadata.groups.flatMap(group => [
    ...group.others.flatMap(({ list, entries }) => entries.map(entry => textForm(list, entry))),
    ...group.age.map(stanza => stanza.recipient),
  ]);
}

function textForm(list: OtherList, entry: TreeMap): string {
  const field = (name: string) => shown(entry.get(name));
  switch (list) {
    case 'kms':
      return kmsForm(entry);
    case 'gcp_kms':
      return field('resource_id');
    case 'hckms':
      return field('key_id');
    case 'azure_kv':
      return `${field('vault_url')}/keys/${field('name')}/${field('version')}`;
    case 'hc_vault':
      return `${field('vault_address')}/v1/${field('engine_path')}/keys/${field('key_name')}`;
    case 'pgp':
      return field('fp');
  }
}

function kmsForm(entry: TreeMap): string {
  const role = shown(entry.get('role'));
  const profile = shown(entry.get('aws_profile'));
  const context = contextForm(entry.get('context'));
  const arn = shown(entry.get('arn')) + (role === '' ? '' : `+${role}`);
  if (profile !== '') return `${arn}|${context}|${profile}`;
  return context === '' ? arn : `${arn}|${context}`;
}

function contextForm(context: Value | undefined): string {
  if (!(context instanceof TreeMap)) return '';
  const pairs = context.items.flatMap(({ key, value }) =>
    typeof key === 'string' ? [`${key}:${shown(value)}`] : [],
  );
  return pairs.sort().join(',');
}

function shown(value: Value | null | undefined): string {
  return typeof value === 'string' ? value : '';
}
