import { readFileSync } from 'node:fs';

/**
 * Shifts the wall clock of a process that starts with `NODE_OPTIONS=--import <this file>`: `new Date()`, `Date.now()`
 * are ahead by so many milliseconds as the file `CLOCK_OFFSET_FILE` has. The file is read again all the time, so that a
 * test can set the clock of a running process. Timers and the monotonic clock are as they were, like after `date -s`.
 */
const FILE = process.env['CLOCK_OFFSET_FILE'] ?? '';
const READ_MS = 20;

let offsetMs = 0;
read();
setInterval(read, READ_MS).unref();

const RealDate = Date;
const now = (): number => RealDate.now() + offsetMs;

globalThis.Date = new Proxy(RealDate, {
  construct: (target, given, newTarget) => Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget),
  apply: () => new RealDate(now()).toString(),
  get: (target, name) => (name === 'now' ? now : (Reflect.get(target, name) as unknown)),
});

/** A file that is being written counts as unchanged. */
function read(): void {
  const text = readFileSync(FILE, 'utf8');
  if (/^-?\d+$/.test(text)) offsetMs = Number(text);
}
