/** Returns a message as one line of at most 400 characters, within the bounds of the status schema. */
export function statusText(message: string): string {
  return cut(message.replaceAll(/\s+/g, ' ').trim(), 400);
}

/**
 * Returns the previous message if only numbers differ, so that a growing age does not cause a status write each second.
 * What is no age makes another message: the time at which a window opens, how a process ended, and how often.
 */
export function steadyMessage(before: string | undefined, now: string): string {
  return before !== undefined && withoutNumbers(before) === withoutNumbers(now) ? before : now;
}

function withoutNumbers(text: string): string {
  return text.replaceAll(/(?:opens at|exit code|restarts:) \S+|\d+/g, (found) => (/^\d/.test(found) ? '0' : found));
}

/**
 * Truncates a line to 140 characters for a table. It starts with place and cause; condition Ready has the full line.
 */
export function shortLine(line: string): string {
  return cut(line, 140);
}

/** Truncates a line to 600 characters for a condition. */
export function conditionLine(line: string): string {
  return cut(line, 600);
}

/**
 * Truncates to `max` UTF-16 units, with an ellipsis, and without splitting a character: the server would store another
 * text for a lone surrogate, and each reconcile would write the status again.
 */
function cut(text: string, max: number): string {
  const whole = text.toWellFormed();
  return whole.length > max ? `${whole.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/, '')}…` : whole;
}
