import { SecretsError } from '../../errors.ts';

export interface EnvTextReport {
  /** How many variables it sets. */
  readonly variables: number;
  /** Where systemd would read something else than what stands there: variable and class of problem. */
  readonly notes: readonly string[];
}

/**
 * Reads `KEY=value` lines as three programs do: sops' dotenv store, the build check of sops-nix (godotenv)
 * and systemd's `EnvironmentFile=`. What the first two refuse is refused here; what the third reads
 * differently is noted. Notes and errors name variables and lines, never values.
 *
 * @throws SecretsError `BAD_VALUE`
 */
export function inspectEnvText(text: string): EnvTextReport {
  const notes: string[] = [];
  let variables = 0;
  let blankLines = false;
  const lines = text.split('\n');
  if (text.includes('\0'))
    throw refused('it holds a NUL byte, which systemd refuses', lines.findIndex(l => l.includes('\0')) + 1);
  if (text.startsWith('\uFEFF'))
    notes.push('it begins with a byte order mark: systemd does not set the first variable');
  lines.forEach((line, index) => {
    if (line === '') {
      blankLines ||= index < lines.length - 1;
    } else if (!line.startsWith('#')) {
      variables++;
      notes.push(...inspectLine(index === 0 ? line.replace(/^\uFEFF/, '') : line, index + 1));
    }
  });
  if (blankLines) notes.push('blank lines are not kept by dotenv');
  return { variables, notes };
}

/**
 * The notes of {@link inspectEnvText} for one variable of a file.
 *
 * @param isNew false where the file has the variable already: its name is nobody's choice now
 * @throws SecretsError `BAD_VALUE`
 */
export function inspectVariable(name: string, value: string, isNew: boolean): string[] {
  const problem = isNew ? nameProblem(name) : null;
  if (problem !== null) {
    throw new SecretsError('BAD_VALUE', `the env file cannot hold this variable: ${problem}`, {
      hint: 'a name has letters, digits and _, and does not begin with a digit',
    });
  }
  if (value.includes('\0')) {
    throw new SecretsError('BAD_VALUE', 'the value holds a NUL byte, and systemd refuses such an env file', {
      hint: 'store it as a secret of its own with --binary',
    });
  }
  return notesOn(name, value);
}

function inspectLine(line: string, number: number): string[] {
  const equals = line.indexOf('=');
  if (equals < 0) throw noEquals(number);
  const name = line.slice(0, equals);
  const problem = nameProblem(name);
  if (problem !== null) throw refused(problem, number);
  return notesOn(name, line.slice(equals + 1));
}

function notesOn(name: string, value: string): string[] {
  const notes: string[] = [];
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    notes.push(`${shownName(name)}: systemd does not set a variable of that name`);
  const problem = valueProblem(value);
  if (problem !== null) notes.push(`${shownName(name)}: ${problem}`);
  return notes;
}

/** The build check of sops-nix parses names with godotenv, and sops reserves `sops_` for its metadata. */
function nameProblem(name: string): string | null {
  if (name.startsWith('sops_')) return 'a name that begins with sops_ is reserved by sops';
  if (name.trim() === '') return 'it has no name before the `=`';
  if (/^[A-Za-z0-9_. :]+$/.test(name)) return null;
  return 'the name before the `=` holds a character that the build check of sops-nix refuses';
}

/** The class of what systemd (`EnvironmentFile=`) would change, `null` where it reads the text as it stands. */
function valueProblem(raw: string): string | null {
  const value = raw.replace(/^[ \t]+/, '');
  const quote = value[0];
  if (quote === '"' || quote === "'") {
    const body = value.slice(1);
    if (quote === "'") return body.includes("'") ? null : 'a quote is opened and never closed';
    const end = closingQuote(body);
    if (end < 0) return 'a quote is opened and never closed';
    return body.slice(0, end).includes('\\') ? 'systemd gives a backslash a meaning of its own' : null;
  }
  if (value.endsWith('\\')) return 'a backslash at the end joins the next line to it';
  if (value.includes('\\')) return 'systemd drops a backslash outside quotes';
  if (raw !== raw.trim()) return 'systemd drops blanks around a value that is not quoted';
  return null;
}

function closingQuote(body: string): number {
  for (let i = 0; i < body.length; i++) {
    if (body[i] === '\\') i++;
    else if (body[i] === '"') return i;
  }
  return -1;
}

/** A name may hold a pasted secret by mistake, so only a name that looks like one is shown. */
function shownName(name: string): string {
  return /^[A-Za-z0-9_.]{1,64}$/.test(name) ? name : 'a variable';
}

function noEquals(number: number): SecretsError {
  return new SecretsError(
    'BAD_VALUE',
    `line ${number} of the env file has no \`=\`: dotenv cannot hold a value of several lines`,
    {
      hint: 'store that value by itself without --env, or encode it (base64) on one line',
    },
  );
}

function refused(reason: string, number: number): SecretsError {
  return new SecretsError('BAD_VALUE', `line ${number} of the env file cannot be stored: ${reason}`, {
    hint: 'an env file holds one KEY=value a line; anything else goes into a secret of its own, without --env',
  });
}
