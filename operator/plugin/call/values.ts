import { PluginError } from './plugin-error.ts';
import { valueOf, type Call } from './command.ts';

/** Returns a whole number between bounds. Throws PluginError `Usage`. */
export function wholeNumber(
  call: Pick<Call, 'flags'>,
  name: string,
  { min, max, fallback }: { readonly min: number; readonly max: number; readonly fallback: number },
): number {
  const text = valueOf(call, name);
  if (text === undefined) return fallback;
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw new PluginError('Usage', `--${name} is "${text}"; it must be a whole number from ${min} to ${max}`);
}

/** Returns a line of text without control characters, which a terminal would obey. Throws PluginError `Usage`. */
export function line(call: Pick<Call, 'flags'>, name: string, max: number): string | undefined {
  const text = valueOf(call, name);
  if (text === undefined) return undefined;
  const clean = text.replaceAll(/\p{Cc}/gu, ' ').trim();
  if (clean !== '' && clean.length <= max) return clean;
  const problem =
    clean === '' ? 'it must not be empty' : `it has ${clean.length} characters, at most ${max} are allowed`;
  throw new PluginError('Usage', `--${name} is "${clean.slice(0, 40)}"; ${problem}`);
}
