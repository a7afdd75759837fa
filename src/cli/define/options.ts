import { type Command, Option } from 'commander';

/** The options of every command that writes. */
export function writing(command: Command): Command {
  return command
    .option('--dry-run', 'show the plan and write nothing')
    .option('-y, --yes', 'do not ask before the shown plan is carried out')
    .option('--json', 'the plan as JSON on stdout');
}

/** The options by which a value is given; without any it is asked for, or read from stdin. */
export function takingValue(command: Command): Command {
  return command
    .option('--env', 'KEY=value lines for a systemd EnvironmentFile, each value encrypted by itself')
    .option('--binary', 'keep the bytes as they are (sops binary)')
    .option('--from-file <file>', 'take the value from a file, byte for byte (- is stdin)')
    .option(
      '--generate <kind>',
      'make the value: password, hex (:N characters), base64 (:N bytes), passphrase (:N words), uuid, ssh-ed25519, wireguard, age, mkpasswd',
    )
    .option('--keep-newline', 'keep the final newline of a value from stdin')
    .option('--allow-empty', 'the value is meant to be empty');
}

/** An option that may be given several times. */
export function repeatable(flags: string, description: string): Option {
  return new Option(flags, description).argParser((value: string, former: string[] | undefined) => [
    ...(former ?? []),
    value,
  ]);
}
