/** Returns a text in a colour. */
export type Paint = (text: string) => string;

/** Colours by meaning. Every one is the identity where colours are off. */
export interface Style {
  readonly good: Paint;
  readonly bad: Paint;
  readonly warn: Paint;
  readonly dim: Paint;
  readonly bold: Paint;
}

const same: Paint = (text) => text;

export const PLAIN: Style = { good: same, bad: same, warn: same, dim: same, bold: same };

const colour =
  (code: number) =>
  (text: string): string =>
    text === '' ? text : `\u001B[${code}m${text}\u001B[0m`;

export const COLOURED: Style = { good: colour(32), bad: colour(31), warn: colour(33), dim: colour(2), bold: colour(1) };

/** The three words of a picture: passes, fails, or not known. */
export type Mark = 'good' | 'bad' | 'waiting' | 'unknown';

const MARKS = { good: '✓', bad: '✗', waiting: '○', unknown: '?' } as const;

/** Returns the sign of a line, in its colour. */
export function mark(kind: Mark, style: Style): string {
  const paint = { good: style.good, bad: style.bad, waiting: style.dim, unknown: style.warn }[kind];
  return paint(MARKS[kind]);
}
