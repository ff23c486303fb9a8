import type { Violation } from './violation.ts';

/** `the check "feed"` or `check `ledger``, as documents and reasons name a check of a process. */
const MENTIONED = /\bchecks? (?:`|")([a-z][a-z -]*)(?:`|")/g;
/** Where a service registers its checks, the list that execution registers as a whole, and names with a constant. */
const REGISTERED: readonly RegExp[] = [
  /\bhealth\.add\(\s*'([^']+)'/g,
  /\b[A-Z]+_CHECK = '([^']+)'/g,
  /^\s*\['([a-z -]+)', \(\) => [\w.]*[cC]heck/gm,
];

interface Text {
  readonly path: string;
  readonly text: string;
}

/** Names of checks that `sources` register. */
export function checkNames(sources: readonly Text[]): ReadonlySet<string> {
  return new Set(sources.flatMap(({ text }) => REGISTERED.flatMap((pattern) => namesIn(pattern, text))));
}

/** Mentions of a check that no process has. */
export function checkNameViolations(texts: readonly Text[], known: ReadonlySet<string>): readonly Violation[] {
  return texts.flatMap(({ path, text }) =>
    namesIn(MENTIONED, text)
      .filter((name) => !known.has(name))
      .map((name) => ({ path, rule: 'check', message: `no process has a check called ${name}` })),
  );
}

function namesIn(pattern: RegExp, text: string): readonly string[] {
  return [...text.matchAll(pattern)].map(([, name = '']) => name);
}
