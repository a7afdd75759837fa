/** What the installer's umask leaves of a mode. */
const KEPT_BITS = 0o755;

/** What a value of another type than text does to the host. */
export function notAString(key: string, what: string): string {
  if (what.startsWith('a date'))
    return `${key} is a date: it arrives in another form than it was written (2001-01-01T00:00:00Z)`;
  return `${key} is ${what}: sops-nix takes strings alone, and installs no secret of the host otherwise`;
}

/** What a mode arrives as where that is another; `null` where it arrives as it is, or is none. */
export function droppedMode(mode: string): { message: string; fix: string } | null {
  const bits = /^[0-7]{1,11}$/.test(mode) ? Number.parseInt(mode, 8) : 0;
  if ((bits & ~KEPT_BITS) === 0) return null;
  const arrives = (bits & KEPT_BITS).toString(8).padStart(4, '0');
  return {
    message: `mode ${mode} arrives as ${arrives}: the installer creates the file under the umask 022`,
    fix: `say mode "${arrives}", or give it a group`,
  };
}
