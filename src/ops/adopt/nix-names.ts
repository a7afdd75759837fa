/** What the text of Nix files calls a person or a machine, each name with the place that says so. */
export interface NixNames {
  readonly people: ReadonlyMap<string, string>;
  readonly machines: ReadonlyMap<string, string>;
}

const NAME = String.raw`"?([A-Za-z_][\w-]{0,62})"?`;
/** Behind `=` a word without quotes is a variable. */
const TEXT = String.raw`"([A-Za-z_][\w-]{0,62})"`;
const PEOPLE = [
  new RegExp(String.raw`\busers\.users\.${NAME}`, 'g'),
  new RegExp(String.raw`\bhome-manager\.users\.${NAME}`, 'g'),
  new RegExp(String.raw`\bhome\.username\s{0,20}=\s{0,20}${TEXT}`, 'g'),
  /\bhomeDirectory\s{0,20}=\s{0,20}"\/(?:home|Users)\/([\w-]{1,63})/g,
];
const MACHINES = [new RegExp(String.raw`\bnetworking\.hostName\s{0,20}=\s{0,20}${TEXT}`, 'g')];
/** The account that every machine has. */
const NOBODY: ReadonlySet<string> = new Set(['root']);

/** Reads the names of accounts and machines; a text without the words costs a search. Nothing is evaluated. */
export function namesInNix(files: readonly { readonly path: string; readonly text: string }[]): NixNames {
  const people = new Map<string, string>();
  const machines = new Map<string, string>();
  for (const { path, text } of files) {
    collect(people, PEOPLE, path, text);
    collect(machines, MACHINES, path, text);
  }
  return { people, machines };
}

function collect(into: Map<string, string>, patterns: readonly RegExp[], path: string, text: string): void {
  for (const [, name = ''] of patterns.flatMap(pattern => [...text.matchAll(pattern)])) {
    const lower = name.toLowerCase();
    if (!NOBODY.has(lower) && !into.has(lower)) into.set(lower, path);
  }
}
