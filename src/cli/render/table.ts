import { visible } from './visible.ts';

/** Rows as aligned columns, two blanks between them, nothing behind the last cell. */
export function table(given: readonly (readonly string[])[]): string {
  const rows = given.map(row => row.map(visible));
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  }
  const lines = rows.map(row =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return lines.map(line => `${line}\n`).join('');
}
