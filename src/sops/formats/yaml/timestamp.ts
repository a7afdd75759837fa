import { normalTime } from '../../rfc3339.ts';

const DAY = '(\\d{4})-(\\d{1,2})-(\\d{1,2})';
const CLOCK = '(\\d{1,2}):(\\d{1,2}):(\\d{1,2})(?:[.,](\\d+))?';
/** The layouts of `parseTimestamp` in go-yaml's `resolve.go`. */
const DATE = new RegExp(`^${DAY}$`);
const DATE_AND_TIME = new RegExp(`^${DAY}[Tt]${CLOCK}(Z|[+-]\\d\\d:\\d\\d)$`);
const SPACED = new RegExp(`^${DAY} +${CLOCK}$`);

/**
 * Text that go-yaml takes for a timestamp, in RFC 3339 form; no zone means UTC. `null` where it is none, and that
 * includes what looks like one but names a day or an hour that does not exist.
 */
export function timestampOf(text: string): string | null {
  const match = DATE_AND_TIME.exec(text) ?? SPACED.exec(text) ?? DATE.exec(text);
  if (match === null) return null;
  const [, year = '', month = '', day = '', hour = '0', minute = '0', second = '0', fraction, zone = 'Z'] =
    match;
  const two = (digits: string) => digits.padStart(2, '0');
  const clock = `${two(hour)}:${two(minute)}:${two(second)}${fraction === undefined ? '' : `.${fraction}`}`;
  return normalTime(`${year}-${two(month)}-${two(day)}T${clock}${zone}`);
}
