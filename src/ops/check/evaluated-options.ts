import type { EvaluatedSecret } from '../../workspace/flake-host.ts';
import type { PairedHost } from './evaluated-hosts.ts';
import { type CheckFinding, finding } from './finding.ts';

/** What the installer's umask leaves of a mode. */
const KEPT_BITS = 0o755;
const MAX_SEGMENT_BYTES = 255;
const IN_STORE = /\/store\/[a-z0-9]{32}-/;

/** What of the declarations themselves stops the build or the installer, or arrives otherwise. */
export function checkOptions(paired: PairedHost): CheckFinding[] {
  const { flake } = paired;
  return [
    ...flake.secrets.flatMap(secret => [
      ...checkName(secret, paired),
      ...checkMode(secret, paired),
      ...checkAccounts(secret, paired),
    ]),
    ...checkNames(paired),
    ...checkTemplates(paired),
    ...checkKeySource(paired),
    ...checkValidation(paired),
  ];
}

function checkName({ name, attribute }: EvaluatedSecret, { name: host }: PairedHost): CheckFinding[] {
  const segments = name.split('/');
  const bad = segments.some(
    segment =>
      segment === '' || segment === '.' || segment === '..' || Buffer.byteLength(segment) > MAX_SEGMENT_BYTES,
  );
  if (!bad) return [];
  const message = `${shortened(name)} cannot be a file below /run/secrets: the build is green, and the installer stops at it`;
  const fix = `give sops.secrets.${quoted(attribute)} another name, and say the key with \`key\``;
  return [finding('name-refused', { host, secret: attribute }, message, fix)];
}

function checkMode({ mode, attribute }: EvaluatedSecret, { name: host }: PairedHost): CheckFinding[] {
  const place = { host, secret: attribute };
  if (!/^[0-7]{1,11}$/.test(mode)) {
    const message = `mode ${shortened(JSON.stringify(mode))} is no octal number, and the build of ${host} fails`;
    return [finding('mode-refused', place, message, 'write it as text, for example mode = "0440"')];
  }
  const bits = Number.parseInt(mode, 8);
  if ((bits & ~KEPT_BITS) === 0) return [];
  const arrives = (bits & KEPT_BITS).toString(8).padStart(4, '0');
  const message = `mode ${mode} arrives as ${arrives}: the installer creates the file under the umask 022`;
  return [finding('mode-dropped', place, message, `say mode = "${arrives}", or give it a group`)];
}

/** Where the names of accounts are known: on NixOS. */
function checkAccounts(secret: EvaluatedSecret, { name: host, flake }: PairedHost): CheckFinding[] {
  const { attribute, owner, group } = secret;
  const place = { host, secret: attribute };
  const found: CheckFinding[] = [];
  const lacks = (what: 'user' | 'group', name: string, set: string) => {
    const message = `the ${what} ${shortened(name)} is not in ${set}: the installer finds no such ${what}, and installs no secret of ${host}`;
    found.push(finding('unknown-owner', place, message, `declare ${set}.${quoted(name)}, or name another`));
  };
  if (owner !== null && flake.users?.has(owner) === false) lacks('user', owner, 'users.users');
  if (group !== null && flake.groups?.has(group) === false) lacks('group', group, 'users.groups');
  if (secret.neededForUsers && flake.platform === 'nixos' && !isRoots(secret)) {
    const message =
      'neededForUsers and an owner exclude each other: what is decrypted before users exist is root’s';
    found.push(finding('unknown-owner', place, message, 'leave out one of the two'));
  }
  return found;
}

function isRoots({ owner, group, uid, gid }: EvaluatedSecret): boolean {
  const none = (account: string | null, id: number | null) =>
    account === null || account === 'root' ? (id ?? 0) === 0 : false;
  return none(owner, uid) && none(group, gid);
}

/** Two names, or a name that is a folder of another, of the secrets that one run installs. */
function checkNames({ flake, name: host }: PairedHost): CheckFinding[] {
  const byName = new Map<string, EvaluatedSecret>();
  const found: CheckFinding[] = [];
  const clash = (a: EvaluatedSecret, what: string) => {
    const message = `${host} would receive ${what}: the installer would install no secret at all`;
    found.push(
      finding('name-twice', { host, secret: a.attribute }, message, 'give one of them another name'),
    );
  };
  for (const secret of flake.secrets) {
    const key = installed(secret);
    if (byName.has(key)) clash(secret, `${shortened(secret.name)} twice`);
    byName.set(key, secret);
  }
  for (const secret of flake.secrets) {
    const key = installed(secret);
    for (let at = key.indexOf('/', 2); at !== -1; at = key.indexOf('/', at + 1)) {
      const above = byName.get(key.slice(0, at));
      if (above !== undefined) clash(secret, `${shortened(above.name)} beside ${shortened(secret.name)}`);
    }
  }
  return found;
}

/** The two folders that secrets are installed into know nothing of each other. */
function installed({ name, neededForUsers }: EvaluatedSecret): string {
  return `${neededForUsers ? 'u' : 'r'}:${name}`;
}

function checkTemplates({ flake, name: host }: PairedHost): CheckFinding[] {
  const { templates, secrets } = flake;
  const [template] = templates;
  if (template === undefined) return [];
  const place = { host, secret: template.name };
  if (secrets.every(each => each.neededForUsers) && flake.failed.length === 0) {
    const message = `${host} has templates and no secret that is installed with them, so that nothing renders ${shortened(template.name)}`;
    return [finding('template-fails', place, message, 'declare the secret that the template uses')];
  }
  return secrets.flatMap(({ attribute, name }) => {
    const at = { host, secret: attribute };
    if (name !== attribute) {
      const message = `the name of ${shortened(attribute)} is set to ${shortened(name)}, and ${host} has a template: the build says \`placeholder for ${shortened(name)} not found in manifest\``;
      return [finding('template-fails', at, message, 'leave `name` alone, and say the key with `key`')];
    }
    if (name !== 'rendered' && !name.startsWith('rendered/')) return [];
    const message = `${shortened(name)} stands where templates are rendered, and ${host} has a template`;
    return [finding('template-fails', at, message, 'give the secret another name')];
  });
}

function checkKeySource({ flake, name: host }: PairedHost): CheckFinding[] {
  const { secrets, keys, sopsNix } = flake;
  const { keyFile, sshKeyPaths, gnupgHome, gnupgSshKeyPaths, qubes } = keys;
  if (!sopsNix || secrets.length === 0) return [];
  const say = (message: string, fix: string) => finding('key-source', { host }, message, fix);
  const found: CheckFinding[] = [];
  if (
    keyFile === null &&
    gnupgHome === null &&
    !qubes &&
    sshKeyPaths.length + gnupgSshKeyPaths.length === 0
  ) {
    const message =
      'it has secrets and no key to decrypt them with: the build ends in `No key source configured for sops`';
    found.push(say(message, 'set sops.age.keyFile or sops.age.sshKeyPaths, or enable services.openssh'));
  }
  if (gnupgHome !== null && gnupgSshKeyPaths.length > 0)
    found.push(
      say(
        'sops.gnupg.home and sops.gnupg.sshKeyPaths are both set: the build refuses that',
        'set sops.gnupg.sshKeyPaths = [ ]',
      ),
    );
  if (gnupgHome !== null && keyFile !== null)
    found.push(
      say(
        'sops.gnupg.home and sops.age.keyFile are both set: the build refuses that',
        'leave out one of the two',
      ),
    );
  for (const path of [keyFile, ...sshKeyPaths, ...gnupgSshKeyPaths]) {
    if (path === null || !IN_STORE.test(path)) continue;
    const message = `a private key of ${host} is named by a path of Nix, so that it lies in the store, where everyone reads it`;
    found.push(say(message, 'name it by a text: "/etc/ssh/ssh_host_ed25519_key"; and take a new key'));
  }
  if (keyFile !== null && !keyFile.startsWith('/')) {
    const message = `sops.age.keyFile is ${shortened(keyFile)}, which is no absolute path: the installer finds no key there`;
    found.push(say(message, 'write the path out: neither ~ nor a variable is replaced'));
  }
  return found;
}

function checkValidation({ flake, name: host }: PairedHost): CheckFinding[] {
  if (flake.validated || flake.secrets.length === 0) return [];
  const message = 'sops.validateSopsFiles is off: a build does not see that a file or a key is missing';
  return [finding('not-validated', { host }, message, 'take the line out, and name the sops files by paths')];
}

function quoted(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_'-]*$/.test(name) ? name : JSON.stringify(shortened(name));
}

/** Names come from a flake, which may hold anything. */
export function shortened(text: string): string {
  return text.length <= 100 ? text : `${text.slice(0, 100)}…`;
}
