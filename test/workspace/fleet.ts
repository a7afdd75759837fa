import { SecretsError } from '../../src/errors.ts';
import type { Inventory } from '../../src/workspace/model.ts';
import { parseInventory } from '../../src/workspace/parse.ts';
import type { ManagedFile } from '../../src/workspace/secrets.ts';

/** Public keys whose private halves exist nowhere but in the runs of a test that made them. */
export const KEYS = {
  kamov: 'age1g9938mzgxj8gt0w2fc2fhhk53wvtw3q0vvyum56ms0dc5j76wp7s06alyj',
  megumu: 'age157qp59lp5l53ea50l65880lmu09rqz477t4lp348vdlsm3c9gaasrcxkt0',
  aya: 'age1elmqgwecndlrs8wp28zcp2jp2rcwkt9duhsuk4hnrhvu2hy9aptsmcn8el',
  momiji: 'age19s8r763z8c895asvm2acch8duhl7jdlqscngufjheawjh3qjpu7qqsjyxh',
} as const;

/** The shape that the tool itself writes, with every section. */
export const FLEET = `keys:
  - &kamov ${KEYS.kamov}
  - &megumu ${KEYS.megumu}
  - &aya ${KEYS.aya}

admins: [kamov]

hosts:
  megumu: { platform: nixos }    # nixos | darwin | home
  aya: { platform: darwin, secrets: { servers/smtp: { deliver: false } } }
  momiji: { platform: home, recipient: *kamov }   # a profile with the person's own key

groups:
  servers: [megumu, aya]

secrets:
  megumu/kotori: { restartUnits: [fukurou.service] }
  megumu/kanidm/miniflux: { owner: miniflux, group: kanidm, mode: "0440" }

creation_rules:
  - path_regex: ^secrets/megumu/
    key_groups:
      - age: [*kamov, *megumu]
  - path_regex: ^secrets/aya\\+megumu/
    key_groups:
      - age: [*kamov, *aya, *megumu]
  - path_regex: ^secrets/servers/
    key_groups:
      - age: [*kamov, *megumu, *aya]
`;

/** A layout that people have without this tool: one file per host, and a person's own. */
export const BY_HAND = `keys:
  - &kamov ${KEYS.kamov}
  - &megumu ${KEYS.megumu}

creation_rules:
  - path_regex: ^sops/kamov.yaml$
    key_groups:
      - age: [*kamov]

  - path_regex: ^.*/megumu/.*\\.ya?ml$
    key_groups:
      - age: [*megumu]
`;

export function yamlFile(path: string, ...leaves: string[]): ManagedFile {
  return { path, format: 'yaml', leaves: leaves.map(leaf => leaf.split('/')) };
}

export function envFile(path: string): ManagedFile {
  return { path, format: 'dotenv', leaves: null };
}

/** What a function throws; a failure where it throws nothing or something else. */
export function refusal(action: () => unknown): SecretsError {
  try {
    action();
  } catch (error) {
    if (error instanceof SecretsError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

/** The lines of a text that another does not have, if the other one is a subsequence of it. */
export function insertedLines(before: string, after: string): string[] | null {
  const old = before.split('\n');
  const inserted: string[] = [];
  let i = 0;
  for (const line of after.split('\n')) {
    if (line === old[i]) i++;
    else inserted.push(line);
  }
  return i === old.length ? inserted : null;
}

export function read(text: string): Inventory {
  return parseInventory(text);
}
