import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import type { Bench, BenchValues } from './bench.ts';

/** What a command line asks for. `error` has a message for people. */
export type BenchArguments =
  | { readonly kind: 'help' }
  | { readonly kind: 'error'; readonly message: string }
  | { readonly kind: 'run'; readonly names: readonly string[]; readonly json: boolean; readonly values: BenchValues };

type Benches = Readonly<Record<string, Pick<Bench, 'options'>>>;

/** Reads `bench <name>... [--json] [options]`. An option is one of each bench that is named. */
export function parseBenchArguments(args: readonly string[], benches: Benches): BenchArguments {
  const parsed = parsedOf(args, benches);
  if (typeof parsed === 'string') return { kind: 'error', message: parsed };
  const { json, help, ...values } = parsed.values;
  if (help === true) return { kind: 'help' };
  const names = parsed.positionals;
  const message = problemOf(names, Object.keys(values), benches);
  return message === undefined ? { kind: 'run', names, json: json === true, values } : { kind: 'error', message };
}

function problemOf(names: readonly string[], options: readonly string[], benches: Benches): string | undefined {
  const list = `benches: ${Object.keys(benches).join(', ')}`;
  if (names.length === 0) return `name a bench; ${list}`;
  const again = names.find((name, index) => names.indexOf(name) < index);
  if (again !== undefined) return `bench ${again} is named twice`;
  for (const name of names) {
    const bench = benches[name];
    if (bench === undefined) return `no bench ${name}; ${list}`;
    const foreign = options.find((option) => !(option in (bench.options ?? {})));
    if (foreign !== undefined) return `bench ${name} has no option --${foreign}`;
  }
  return undefined;
}

function parsedOf(args: readonly string[], benches: Benches) {
  const options: ParseArgsOptionsConfig = {
    ...Object.assign({}, ...Object.values(benches).map((bench) => bench.options)),
    json: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  };
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
