import type { Violation } from './violation.ts';

/** Words that mark unfinished work or a disabled check. The brackets keep this file from breaking its own rule. */
const FORBIDDEN: readonly { readonly pattern: RegExp; readonly why: string }[] = [
  { pattern: /\b(?:[T]ODO|[F]IXME|[X]XX|[H]ACK)\b/, why: 'finish it or remove it' },
  { pattern: /[n]ot implemented/i, why: 'finish it or remove it' },
  { pattern: /(?:ox|es)lint[-]disable/, why: 'follow the rule, or change it for the whole project' },
  { pattern: /@ts[-](?:ignore|nocheck|expect-error)/, why: 'express it in types' },
  { pattern: /\bas [a]ny\b/, why: 'express it in types' },
];

/** Returns the lines of a file that contain such a word. */
export function textViolations(path: string, text: string): readonly Violation[] {
  return text.split('\n').flatMap((line, index) =>
    FORBIDDEN.flatMap(({ pattern, why }) => {
      const match = pattern.exec(line);
      return match === null ? [] : [{ path: `${path}:${index + 1}`, rule: 'words', message: `"${match[0]}": ${why}` }];
    }),
  );
}
