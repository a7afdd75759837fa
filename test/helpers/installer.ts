import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { programPath } from './programs.ts';
import { runProcess } from './sandbox.ts';

/** What the installer reads of a secret of the manifest. */
export interface InstallerSecret {
  readonly name: string;
  readonly key: string;
  readonly format?: string;
  readonly mode: string;
  readonly sopsFile: string;
}

export interface Installation {
  readonly secrets: readonly InstallerSecret[];
  /** Variables that give the host's key to sops; there is no other key. */
  readonly identity: Readonly<Record<string, string>>;
  /** Is made; it has the files of the secrets afterwards, or does not exist. */
  readonly folder: string;
}

const FORMATS = ['yaml', 'json', 'binary', 'dotenv', 'ini'];

/**
 * Does what the installer of sops-nix does with a manifest, by stock sops: it decrypts everything, and only
 * then writes; a secret that cannot be had leaves nothing behind.
 */
export async function install({ secrets, identity, folder }: Installation): Promise<void> {
  refuseDisagreement(secrets);
  const values: (readonly [InstallerSecret, Buffer])[] = [];
  for (const secret of secrets) values.push([secret, await decryptedValue(secret, identity)]);
  mkdirSync(folder);
  try {
    for (const [secret, value] of values) place(folder, secret, value);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

function refuseDisagreement(secrets: readonly InstallerSecret[]): void {
  const formats = new Map<string, string>();
  for (const secret of secrets) {
    const format = formatOf(secret);
    if (!/^[0-7]+$/.test(secret.mode) || Number.parseInt(secret.mode, 8) > 0xffff)
      throw new Error(`${secret.name}: invalid mode ${secret.mode}`);
    if ((formats.get(secret.sopsFile) ?? format) !== format)
      throw new Error(`${secret.name}: another secret defined another format of ${secret.sopsFile}`);
    formats.set(secret.sopsFile, format);
  }
}

function formatOf(secret: InstallerSecret): string {
  const format = secret.format ?? 'yaml';
  return FORMATS.includes(format) ? format : 'yaml';
}

async function decryptedValue(secret: InstallerSecret, identity: Installation['identity']): Promise<Buffer> {
  const format = formatOf(secret);
  const argv = ['decrypt', '--input-type', format, '--output-type', format, secret.sopsFile];
  const output = await runProcess([programPath('sops') ?? 'sops', ...argv], {
    cwd: dirname(secret.sopsFile),
    env: { HOME: '', SOPS_DISABLE_VERSION_CHECK: '1', ...identity },
  });
  if (output.status !== 0) throw new Error(`${secret.name}: failed to decrypt ${secret.sopsFile}`);
  if (secret.key === '' || (format !== 'yaml' && format !== 'json')) return output.stdout;
  const found = lookUp(documentOf(output.stdout.toString(), format), secret, format);
  if (typeof found !== 'string')
    throw new Error(`${secret.name}: the value of ${secret.key} is not a string`);
  return Buffer.from(found);
}

/** Of YAML the first document; maps stay maps, so that a key has the type that it was written with. */
function documentOf(text: string, format: string): unknown {
  if (format === 'json') return JSON.parse(text);
  const [first] = parseAllDocuments(text);
  return first?.toJS({ mapAsMap: true });
}

function lookUp(root: unknown, { name, key }: InstallerSecret, format: string): unknown {
  let at = root;
  for (const [depth, part] of key.split('/').entries()) {
    const entries = entriesOf(at, format, depth);
    if (entries === null) throw new Error(`${name}: key ${key} does not refer to a dictionary`);
    if (!entries.has(part)) throw new Error(`${name}: the key ${key} cannot be found`);
    at = entries.get(part);
  }
  return at;
}

/** Nested maps of JSON are of a type that the real installer does not go down into. */
function entriesOf(value: unknown, format: string, depth: number): Map<unknown, unknown> | null {
  if (format === 'json') {
    const plain = depth === 0 && typeof value === 'object' && value !== null && !Array.isArray(value);
    return plain ? new Map<unknown, unknown>(Object.entries(value)) : null;
  }
  if (!(value instanceof Map)) return null;
  const odd = [...value.keys()].some(key => typeof key !== 'string');
  if (odd && depth > 0) throw new Error('a key that is not a string');
  return value;
}

/** The mode is given when the file is made, under a umask of 022. */
function place(folder: string, { name, mode }: InstallerSecret, value: Buffer): void {
  const parts = name.split('/');
  if (parts.some(part => part === '' || part === '..')) throw new Error(`${name}: not a name of a file`);
  const file = join(folder, ...parts);
  mkdirSync(dirname(file), { recursive: true, mode: 0o751 });
  const descriptor = openSync(file, 'wx', Number.parseInt(mode, 8) & 0o755);
  try {
    writeSync(descriptor, value);
  } finally {
    closeSync(descriptor);
  }
}

/** Bytes of an installed secret. */
export function installed(folder: string, name: string): Buffer {
  return readFileSync(join(folder, ...name.split('/')));
}
