/** What a value of another type than text does to the host. */
export function notAString(key: string, what: string): string {
  if (what.startsWith('a date'))
    return `${key} is a date: it arrives in another form than it was written (2001-01-01T00:00:00Z)`;
  return `${key} is ${what}: sops-nix takes strings alone, and installs no secret of the host otherwise`;
}
