/** A text archive: free text, then files, each under a line `-- name --`. */
export interface Txtar {
  readonly comment: string;
  readonly files: readonly TxtarFile[];
}

interface TxtarFile {
  readonly name: string;
  readonly text: string;
}

const MARKER = /^-- (.+) --$/;

/**
 * Reads the txtar format of Go's x/tools. There are no syntax errors; every file ends in a newline or is empty.
 * Names are as written: whoever writes the files to disk refuses what leads out of the folder.
 */
export function parseTxtar(text: string): Txtar {
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  if (lines.at(-1) === '') lines.pop();
  const comment: string[] = [];
  const files: { name: string; lines: string[] }[] = [];
  let into = comment;
  for (const line of lines) {
    const name = MARKER.exec(line)?.[1]?.trim();
    if (name === undefined || name === '') {
      into.push(line);
      continue;
    }
    into = [];
    files.push({ name, lines: into });
  }
  return {
    comment: joined(comment),
    files: files.map(file => ({ name: file.name, text: joined(file.lines) })),
  };
}

function joined(lines: readonly string[]): string {
  return lines.map(line => `${line}\n`).join('');
}
