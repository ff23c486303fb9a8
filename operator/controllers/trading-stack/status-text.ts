/** One line of a length that the status's schema takes. */
export function statusText(message: string): string {
  return message.replaceAll(/\s+/g, ' ').trim().slice(0, 400);
}

/** The message as it stands while only figures in it move: an age that grows is no reason to write the status each second. */
export function steadyMessage(before: string | undefined, now: string): string {
  return before !== undefined && withoutFigures(before) === withoutFigures(now) ? before : now;
}

function withoutFigures(text: string): string {
  return text.replaceAll(/\d+/g, '0');
}

/** A line that still fits into a table; the conditions hold all of it. */
export function shortLine(line: string): string {
  return line.length > 140 ? `${line.slice(0, 139)}…` : line;
}
