import type { Violation } from './violation.ts';

/**
 * Words of a translation, with what an engineer would write instead. A letter in brackets keeps this file from breaking
 * its own rule.
 */
const WORDS: readonly { readonly pattern: RegExp; readonly instead: string }[] = [
  { pattern: /\b(?:[t]ell|[t]ells|[t]old)\b/i, instead: 'log, report, return, publish or distinguish' },
  { pattern: /\b[a]new\b/i, instead: 'again, or a verb with re-' },
  { pattern: /\b(?:is|are|was|were|being) [a]way\b/i, instead: 'unavailable or unreachable' },
  { pattern: /\b[u]nless told\b/i, instead: 'default' },
  { pattern: /\bof (?:[o]urs|[t]heirs)\b/i, instead: 'our, or whose it is' },
  { pattern: /\b[a]gain and again\b/i, instead: 'polled, repeated, periodically' },
  { pattern: /\b(?:come|comes|came|coming) up [a]gain\b/i, instead: 'restarts, becomes ready' },
];

/** Longest line of a comment, as the formatter wraps code. */
export const COMMENT_COLUMNS = 120;
const COMMENT = /^\s*(?:\/\/|\/?\*|# |-- )/;

/** Lines of a file with such a word. */
export function wordViolations(path: string, text: string): readonly Violation[] {
  return text.split('\n').flatMap((line, index) =>
    WORDS.flatMap(({ pattern, instead }) => {
      const match = pattern.exec(line);
      if (match === null) return [];
      return [{ path: `${path}:${index + 1}`, rule: 'words', message: `"${match[0]}": write ${instead}` }];
    }),
  );
}

/** Comments of a file that are wider than the code beside them. */
export function commentViolations(path: string, text: string): readonly Violation[] {
  return text.split('\n').flatMap((line, index) => {
    if (line.length <= COMMENT_COLUMNS || !COMMENT.test(line)) return [];
    const message = `comment of ${line.length} columns, at most ${COMMENT_COLUMNS}`;
    return [{ path: `${path}:${index + 1}`, rule: 'comment', message }];
  });
}
