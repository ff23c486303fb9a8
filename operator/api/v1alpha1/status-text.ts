/** One line of a length that the status's schema takes. */
export function statusText(message: string): string {
  return cut(message.replaceAll(/\s+/g, ' ').trim(), 400);
}

/** The message as it stands while only figures in it move: an age that grows is no reason to write the status each second. */
export function steadyMessage(before: string | undefined, now: string): string {
  return before !== undefined && withoutFigures(before) === withoutFigures(now) ? before : now;
}

function withoutFigures(text: string): string {
  return text.replaceAll(/\d+/g, '0');
}

/** A line that still fits into a table: its beginning, which says where and why. The condition Ready holds all of it. */
export function shortLine(line: string): string {
  return cut(line, 140);
}

/** What a condition takes. */
export function conditionLine(line: string): string {
  return cut(line, 600);
}

/**
 * At most so many UTF-16 units, an ellipsis for what is left out, and no half of a character: the server stores another text for that one,
 * which would then be written again at each look.
 */
function cut(text: string, max: number): string {
  const whole = text.toWellFormed();
  return whole.length > max ? `${whole.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/, '')}…` : whole;
}
