/** Where ssh itself looks by default. */
export function knownHostsFiles(homedir: string): string[] {
  return [`${homedir}/.ssh/known_hosts`, `${homedir}/.ssh/known_hosts2`, '/etc/ssh/ssh_known_hosts'];
}
