import type { Declaration, HostModule } from '../../src/nix/module.ts';
import type { FormatName } from '../../src/sops/formats/format.ts';
import type { Platform, SecretOptions } from '../../src/workspace/model.ts';
import type { Dice } from '../helpers/dice.ts';

const PIECES = [...'abkzAZ019_.-', 'in', 'or', 'let', 'kotori', 'secret', '__proto__', 'default'];
const FORMATS: readonly FormatName[] = ['yaml', 'json', 'dotenv', 'ini', 'binary'];
const EXTENSIONS: Readonly<Record<FormatName, readonly string[]>> = {
  yaml: ['yaml', 'yml'],
  json: ['json'],
  dotenv: ['env'],
  ini: ['ini'],
  binary: ['bin', 'der', 'odd name'],
};
/** Accounts that the harness declares. */
export const ACCOUNTS = ['alice', 'miniflux', 'a-b_c'];
const UNITS = ['fukurou', 'fukurou.service', 'getty@tty1', 'backup.timer', 'my.app', 'mnt-a\\x2db.mount'];

/** A valid inventory of one host: up to eight secrets, none of which stands in the way of another. */
export function randomModule(dice: Dice, platform: Platform): HostModule {
  const host = dice.pick(['megumu', 'aya', 'x1']);
  const declarations = new Map<string, Declaration>();
  for (let i = dice.int(9); i > 0; i--) {
    const declaration = randomDeclaration(dice, platform, host);
    const { name } = declaration;
    const collides = [...declarations.keys()].some(
      other => other === name || other.startsWith(`${name}/`) || name.startsWith(`${other}/`),
    );
    if (!collides) declarations.set(name, declaration);
  }
  return {
    host,
    platform,
    directory: dice.pick(['secrets', 'nix/secrets']),
    declarations: [...declarations.values()],
  };
}

function randomDeclaration(dice: Dice, platform: Platform, host: string): Declaration {
  const format = dice.pick(FORMATS);
  const name = Array.from({ length: 1 + dice.int(format === 'json' ? 1 : 3) }, () => segment(dice)).join('/');
  const folder = dice.pick([`secrets/${host}`, 'secrets/aya+megumu', `hosts/${host}`, 'a b/ü', '.']);
  const file = `${folder}/${segment(dice)}.${dice.pick(EXTENSIONS[format])}`;
  const key = dice.chance(20) ? segment(dice) : null;
  return { name, file, format, key, options: randomOptions(dice, platform) };
}

function segment(dice: Dice): string {
  const text = `${dice.pick(['a', 'Z', '_', '7'])}${dice.text(PIECES, 4)}`;
  return text.replace(/\.+$/, '');
}

function randomOptions(dice: Dice, platform: Platform): SecretOptions {
  const forUsers = platform !== 'home' && dice.chance(15);
  const options: Record<string, unknown> = {};
  if (dice.chance(50)) options.mode = dice.pick(['0400', '400', '0440', '0600', '755']);
  if (dice.chance(20)) options.path = dice.pick(['/var/lib/x y/$', `/etc/${dice.int(99)}`, '/tmp/"q"\\${a}']);
  if (forUsers) options.neededForUsers = true;
  if (platform !== 'home' && !forUsers && dice.chance(50)) options.owner = dice.pick([...ACCOUNTS, 'root']);
  if (platform !== 'home' && !forUsers && dice.chance(50)) options.group = dice.pick([...ACCOUNTS, 'wheel']);
  if (platform === 'nixos' && dice.chance(40)) options.restartUnits = [dice.pick(UNITS), dice.pick(UNITS)];
  if (platform === 'nixos' && dice.chance(20)) options.reloadUnits = [dice.pick(UNITS)];
  return options;
}
