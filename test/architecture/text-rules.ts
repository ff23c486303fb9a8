import type { Violation } from './violation.ts';

/**
 * Words that mean unfinished work or a check switched off. A letter in brackets keeps this file from breaking its own
 * rule.
 */
const FORBIDDEN: readonly { readonly pattern: RegExp; readonly why: string }[] = [
  { pattern: /\b(?:[T]ODO|[F]IXME|[X]XX|[H]ACK)\b/, why: 'finish it or leave it out' },
  { pattern: /[n]ot implemented/i, why: 'finish it or leave it out' },
  { pattern: /(?:ox|es)lint[-]disable/, why: 'a rule is kept, or changed for everybody' },
  { pattern: /@ts[-](?:ignore|nocheck|expect-error)/, why: 'say it in types' },
  { pattern: /\bas [a]ny\b/, why: 'say it in types' },
];

/** Lines of a file that hold such a word. */
export function textViolations(path: string, text: string): readonly Violation[] {
  return text.split('\n').flatMap((line, index) =>
    FORBIDDEN.flatMap(({ pattern, why }) => {
      const match = pattern.exec(line);
      return match === null ? [] : [{ path: `${path}:${index + 1}`, rule: 'words', message: `"${match[0]}": ${why}` }];
    }),
  );
}
