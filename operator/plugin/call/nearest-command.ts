/** Words of traders for commands of another name. */
const MEANT: Readonly<Record<string, string>> = {
  sell: 'flatten',
  close: 'flatten',
  exit: 'flatten',
  liquidate: 'flatten',
  cancel: 'flatten',
  stop: 'halt',
  pause: 'halt',
  start: 'resume',
  approve: 'promote',
  explain: 'why',
  diff: 'plan',
  balances: 'ledger',
  pnl: 'positions',
};

/** A typing error: no more letters than these are wrong, missing or too many. */
const LETTERS_MAX = 2;

/** Returns the command that was probably meant; undefined if none is near. */
export function nearestCommand(word: string, names: readonly string[]): string | undefined {
  const meant = Object.entries(MEANT).find(([each]) => each === word.toLowerCase())?.[1];
  if (meant !== undefined && names.includes(meant)) return meant;
  return nearestWord(word, names);
}

/** Returns the word that was probably meant; undefined if none is near. */
export function nearestWord(word: string, words: readonly string[]): string | undefined {
  const [nearest] = words
    .map((name) => ({ name, letters: distance(word.toLowerCase(), name) }))
    .filter(({ name, letters }) => letters <= Math.min(LETTERS_MAX, name.length - 2))
    .toSorted((a, b) => a.letters - b.letters);
  return nearest?.name;
}

/** How many letters must be changed, added or removed (Levenshtein). */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [i, letter] of Array.from(from).entries()) {
    const next = [i + 1];
    for (const [j, other] of Array.from(to).entries())
      next.push(Math.min((row[j] ?? 0) + Number(letter !== other), (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    row = next;
  }
  return row[to.length] ?? 0;
}
