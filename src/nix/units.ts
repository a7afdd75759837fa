import { SecretsError } from '../errors.ts';

/** The unit types of systemd (systemd.unit(5)). */
const UNIT_SUFFIX = /\.(?:service|socket|device|mount|automount|swap|target|path|timer|slice|scope)$/;
const UNIT_NAME = /^[a-zA-Z0-9:_.\\@-]+$/;
const UNIT_LENGTH = 255;

/**
 * A unit by its full name: `fukurou` becomes `fukurou.service`, as `systemctl` itself would read it. The
 * installer of sops-nix hands the names on unchanged, so one that is no unit name stops every secret of the
 * host, and one that begins with a dash would be an option.
 *
 * @throws SecretsError `BAD_OPTION`
 */
export function normalizeUnit(text: string): string {
  const shown = JSON.stringify(text.slice(0, 80));
  if (!UNIT_NAME.test(text) || text.startsWith('-') || text.startsWith('@') || /^\.+$/.test(text)) {
    throw new SecretsError('BAD_OPTION', `${shown} is no systemd unit`, {
      hint: 'a unit name has letters, digits and : _ . \\ @ -, for example fukurou.service',
    });
  }
  const unit = UNIT_SUFFIX.test(text) ? text : `${text}.service`;
  if (unit.length > UNIT_LENGTH)
    throw new SecretsError('BAD_OPTION', `${shown} is too long for a systemd unit`);
  if (/@\.[a-z]+$/.test(unit)) {
    throw new SecretsError('BAD_OPTION', `${shown} is a template, which cannot be restarted`, {
      hint: `name the instance: ${unit.replace('@.', '@NAME.')}`,
    });
  }
  if (unit.startsWith('.')) throw new SecretsError('BAD_OPTION', `${shown} has a type but no name`);
  return unit;
}
