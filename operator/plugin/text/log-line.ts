import { clean } from './layout.ts';
import type { Style } from './style.ts';

/** Members that every line has, or that are shown elsewhere. */
const SHOWN: ReadonlySet<string> = new Set(['level', 'time', 'pid', 'hostname', 'name', 'msg']);
const LEVELS: Readonly<Record<string, keyof Style>> = { warn: 'warn', error: 'bad', fatal: 'bad' };

/** Returns a line of a service's log for a person: time, level, service, message, and the rest as `name=value`. */
export function logLine(line: string, service: string, style: Style): string {
  const parsed = parse(line);
  if (parsed === undefined) return `${service.padEnd(18)} ${clean(line)}`;
  const { level = '', time = '', msg = '' } = parsed;
  const details = Object.entries(parsed)
    .filter(([name]) => !SHOWN.has(name))
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
  const paint = style[LEVELS[String(level)] ?? 'bold'];
  const clock = /T(\d\d:\d\d:\d\d\.\d{3})/.exec(String(time))?.[1] ?? String(time);
  const head = `${clock} ${String(level).toUpperCase().padEnd(5)} ${service.padEnd(18)} `;
  return `${style.dim(clean(head))}${paint(clean(String(msg)))} ${clean(details)}`.trimEnd();
}

function parse(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}
