import type { Shape } from './repository.ts';

/** PGP first, age came later: fingerprints with blanks, groups, a threshold. */
export const pgpAndAge: Shape = {
  name: 'PGP beside age, several key groups',
  programs: ['gpg'],
  async build(repository) {
    const person = await repository.pgpKey('anna');
    const machine = await repository.pgpKey('machine');
    const [age, other] = await repository.keys(2);
    const spaced = person.replace(/.{4}/g, '$& ').trim();
    repository.write(
      '.sops.yaml',
      `keys:
  - &anna ${person}
  - &machine_old ${machine}
  - &machine ${age}
  - &recovery ${other}
creation_rules:
  - path_regex: ^shamir/three
    shamir_threshold: 2
    key_groups:
      - pgp: [*anna]
      - age: [*machine]
      - age: [*recovery]
        pgp:
          - *machine_old
  - path_regex: ^shamir/
    key_groups:
      - pgp: [*anna]
      - age: [*machine, *recovery]
  - path_regex: ^flat/
    pgp: ${spaced}
    age: ${age}
  - path_regex: \\.yaml$
    key_groups:
      - pgp:
          - *anna
          - *machine_old
        age:
          - *machine
`,
    );
    await repository.encrypt('shamir/three.yaml', 'a: b\n');
    await repository.encrypt('shamir/two.json', '{"a": "b"}\n');
    await repository.encrypt('flat/x.env', 'A=b\n');
    await repository.encrypt('hosts/machine.yaml', 'a: b\n');
    await repository.encrypt('hosts/raw.txt', 'no rule\n', { config: '/dev/null', args: ['--pgp', person] });
    await repository.commit();
  },
};

const ARN = 'arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555';
const ROLE = 'arn:aws:iam::123456789012:role/deploy';
const GCP = 'projects/fleet/locations/global/keyRings/sops/cryptoKeys/main';
const AZURE = 'https://fleet.vault.azure.net';
const VAULT = 'https://vault.example.org:8200/v1/sops/keys/first';
const HUAWEI = 'eu-west-1:aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee';

/** Services that cannot be asked here: the files were encrypted before the rules named them, by age alone. */
export const cloudBesideAge: Shape = {
  name: 'KMS of four providers and Vault beside age',
  async build(repository) {
    const [admin, host] = await repository.keys(2);
    repository.write('.sops.yaml', `creation_rules:\n  - age: ${admin},${host}\n`);
    for (const folder of ['groups', 'flat', 'profile', 'lists', 'age'])
      await repository.encrypt(`${folder}/x.yaml`, 'a: b\n');
    await repository.encrypt('groups/two.ini', '[a]\nb = c\n');
    repository.write(
      '.sops.yaml',
      `keys:
  - &admin ${admin}
  - &host ${host}
  - &arn ${ARN}
creation_rules:
  - path_regex: ^groups/
    key_groups:
      - age: [*admin, *host]
        kms:
          - arn: *arn
            role: ${ROLE}
            context: { team: fleet, App: secrets }
          - arn: ${ARN}
            aws_profile: work
        gcp_kms:
          - resource_id: ${GCP}
        azure_keyvault:
          - { vaultUrl: "${AZURE}", key: main, version: "0123456789abcdef" }
        hc_vault:
          - ${VAULT}
        hckms:
          - key_id: ${HUAWEI}
  - path_regex: ^flat/
    kms: "${ARN}+${ROLE},${ARN}"
    gcp_kms: ${GCP}
    azure_keyvault: ${AZURE}/keys/main/0123456789abcdef
    hc_vault_transit_uri: ${VAULT}
    hckms: [ "${HUAWEI}" ]
    age: ${admin}
  - path_regex: ^profile/
    kms: ${ARN}
    aws_profile: work
    age: ${admin}
  - path_regex: ^lists/
    kms: ["${ARN}"]
    gcp_kms: ["${GCP}", "${GCP}2"]
    azure_keyvault: ["${AZURE}/keys/a/1"]
    hc_vault_transit_uri: ["${VAULT}", "${VAULT}2"]
    age: [*host, *admin]
  - path_regex: ^age/
    age: *host
`,
    );
    await repository.commit();
  },
};

/** Keys that are long, or that are not for sops-nix. */
export const manyKinds: Shape = {
  name: 'post-quantum, ssh and twenty admins',
  async build(repository) {
    const admins = await repository.keys(20);
    const quantum = await repository.postQuantumKey();
    const ssh = await repository.sshKey('host');
    const lines = admins.map((key, index) => `      - &admin_${index} ${key}`).join('\n');
    const all = admins.map((_, index) => `*admin_${index}`).join(', ');
    repository.write(
      '.sops.yaml',
      `keys:
  people:
    admins:
${lines}
  machines:
    quantum: &quantum ${quantum}
    ssh: &by_ssh ${ssh}
stores:
  yaml: { indent: 2 }
  json: { indent: 2 }
creation_rules:
  - path_regex: ^ssh/
    key_groups: [{ age: [*admin_0, *by_ssh] }]
  - path_regex: ^quantum/
    key_groups: [{ age: [*quantum] }]
  - path_regex: ^(secrets|more)/[^/]+\\.(yaml|json|env|ini|bin)$
    encrypted_suffix: _secret
    key_groups: [{ age: [${all}] }]
`,
    );
    await repository.encrypt('ssh/x.yaml', 'a: b\n');
    await repository.encrypt('quantum/x.yaml', 'a: b\n');
    await repository.encrypt('secrets/x.yaml', 'a_secret: b\nclear: c\n');
    await repository.encrypt('more/x.json', '{"a_secret": "b"}\n');
    await repository.encrypt('more/x.bin', 'bytes\n');
    repository.write('secrets/too/deep.yaml', 'a: b\n');
    await repository.commit();
  },
};
