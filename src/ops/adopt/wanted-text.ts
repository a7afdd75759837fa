import { flowMap, optionsText, recipientScalar, scalarText } from '../../workspace/yaml-write.ts';
import type { Members } from './members.ts';
import type { SeenOptions } from './options.ts';

const STYLE = { paddedMaps: true, paddedLists: false };

/** The sections as they would stand in a `.sops.yaml` that people write. */
export function wantedText({ admins, hosts }: Members, options: readonly SeenOptions[]): string {
  const raw = [...admins, ...hosts].filter(({ anchor }) => anchor === null);
  const keys = raw.map(({ name, recipient }) => `  - &${name} ${recipientScalar(recipient)}`);
  const machines = hosts.map(({ name, platform, anchor }) => {
    const fields: [string, string][] = [['platform', platform]];
    if (anchor !== null && anchor !== name) fields.push(['recipient', `*${anchor}`]);
    return `  ${scalarText(name)}: ${flowMap(fields, STYLE)}`;
  });
  const secrets = options.map(
    ({ address, options: own }) => `  ${scalarText(address)}: ${optionsText(own, STYLE)}`,
  );
  return [
    ...section('keys:', keys),
    ...(admins.length === 0 ? [] : [`admins: [${admins.map(({ name }) => scalarText(name)).join(', ')}]`]),
    ...section('hosts:', machines),
    ...section('secrets:', secrets),
  ].join('\n');
}

function section(name: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [name, ...lines];
}
