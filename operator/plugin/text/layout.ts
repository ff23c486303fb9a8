/** Text without control characters: messages of pods and people must not move the cursor or change colours. */
export function clean(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, ' ');
}

const NARROWEST = 30;

/**
 * Breaks a text at spaces into lines of at most `columns`, the later ones indented by `indent`. `first` columns of the
 * first line are taken. A longer word, such as a URL or an image, is broken too, so that nothing is cut off.
 */
export function wrap(
  text: string,
  columns: number,
  { indent, first = indent }: { readonly indent: number; readonly first?: number },
): string {
  const lines: string[] = [];
  let [line, room] = ['', Math.max(NARROWEST, columns - first)];
  const end = (): void => {
    lines.push(line);
    [line, room] = ['', Math.max(NARROWEST, columns - indent)];
  };
  for (const word of clean(text).split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room) end();
    line += line === '' ? word : ` ${word}`;
    while (line.length > room) {
      const rest = line.slice(room);
      line = line.slice(0, room);
      end();
      line = rest;
    }
  }
  return [...lines, line].join(`\n${' '.repeat(indent)}`);
}

/** Returns rows with their columns aligned, two spaces apart; the last column is not padded. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => clean(row[column] ?? '').length)));
  return all
    .map((row) =>
      row
        .map((cell, column) => clean(cell).padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
