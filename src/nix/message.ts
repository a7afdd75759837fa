/** So much of a message is looked at. */
const LOOKED_AT = 4000;
/** Longer messages carry definitions and traces, which nobody reads in a list of findings. */
const LONGEST = 300;
/** From here on Nix prints what was defined, which may hold anything. */
const DEFINITIONS = /\s*(?:Definition values?:|Did you mean|\(use '--show-trace').*$/s;
const TRACE_LINE = /^\s*(?:at |…|\.\.\. |from call site|while |\d+\||\||\(use )/;

/** What Nix said, for people. */
export interface NixMessage {
  /** One line without the trace and without definitions. */
  readonly text: string;
  /** Files that it names, the likeliest place of the mistake first: definitions, then what stands nearest to the message. */
  readonly paths: readonly string[];
}

/**
 * The message in the standard error of Nix: the last `error:` and its paragraph. Old versions print it first, new ones
 * below the trace.
 */
export function nixMessage(stderr: string): NixMessage {
  const lines = withoutColours(stderr).split('\n');
  const start = lines.findLastIndex(line => /^\s*error: \S/.test(line));
  const first = start === -1 ? lines.findLastIndex(line => line.trim() !== '') : start;
  const paragraph: string[] = [];
  for (const line of lines.slice(Math.max(first, 0))) {
    if (paragraph.length > 0 && (line.trim() === '' || TRACE_LINE.test(line))) break;
    paragraph.push(line.trim());
  }
  const whole = paragraph
    .join(' ')
    .slice(0, LOOKED_AT)
    .replace(/^error: /, '');
  const text = whole.replace(DEFINITIONS, '').trim();
  return {
    text: shortened(text === '' ? 'nix ended without a message' : text),
    paths: pathsIn(lines, first),
  };
}

function withoutColours(text: string): string {
  return text
    .replace(/\u001b\[[0-9;]{0,20}m/g, '')
    .replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, ' ');
}

function shortened(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`;
}

/** `- In `/nix/store/…/x.nix'` and `at /nix/store/…/x.nix:3:5:` */
function pathsIn(lines: readonly string[], message: number): string[] {
  const defined = lines.flatMap(line => /\bIn `(\/[^'`]{1,400})'/.exec(line)?.[1] ?? []);
  const places = lines.map(line => /\bat (\/[^:\s]{1,400}):\d+/.exec(line)?.[1] ?? null);
  const below = places.slice(Math.max(message, 0));
  const above = places.slice(0, Math.max(message, 0)).reverse();
  return [...defined, ...below, ...above].filter(path => path !== null);
}
