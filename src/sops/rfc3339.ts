const SHAPE = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/;

/**
 * RFC 3339 text in the form in which Go prints it back: at most nine fraction digits, trailing zeros dropped,
 * an offset of zero as `Z`, any other offset kept. `null` where the text is no valid time.
 */
export function normalTime(text: string): string | null {
  const match = SHAPE.exec(text);
  if (match === null) return null;
  const [, year = '', month = '', day = '', hour = '', minute = '', second = '', fraction = '', zone = ''] =
    match;
  const valid =
    isDay(Number(year), Number(month), Number(day)) &&
    Number(hour) <= 23 &&
    Number(minute) <= 59 &&
    Number(second) <= 59 &&
    isZone(zone);
  if (!valid) return null;
  const digits = fraction.slice(0, 9).replace(/0+$/, '');
  const tail = /^[+-]00:00$/.test(zone) ? 'Z' : zone;
  return `${year}-${month}-${day}T${hour}:${minute}:${second}${digits === '' ? '' : `.${digits}`}${tail}`;
}

/** The same time in whole seconds, as `lastmodified` is written (`time.RFC3339`). Takes what {@link normalTime} gave. */
export function wholeSeconds(time: string): string {
  return time.replace(/\.\d+/, '');
}

/** A date as `lastmodified`: UTC, whole seconds. */
export function lastModifiedOf(now: Date): string {
  return wholeSeconds(now.toISOString());
}

function isDay(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return day <= (lengths[month - 1] ?? 0);
}

function isZone(zone: string): boolean {
  return zone === 'Z' || (Number(zone.slice(1, 3)) <= 23 && Number(zone.slice(4)) <= 59);
}
