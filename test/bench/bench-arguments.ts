import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import type { Bench, BenchValues } from './bench.ts';

/** What a command line asks for. `error` has a message for people. */
export type BenchArguments =
  | { readonly kind: 'help' }
  | { readonly kind: 'error'; readonly message: string }
  | { readonly kind: 'run'; readonly name: string; readonly json: boolean; readonly values: BenchValues };

type Benches = Readonly<Record<string, Pick<Bench, 'options'>>>;

/** Reads `bench <name> [--json] [options of the bench]`. */
export function parseBenchArguments(args: readonly string[], benches: Benches): BenchArguments {
  const parsed = parsedOf(args, benches);
  if (typeof parsed === 'string') return { kind: 'error', message: parsed };
  const { json, help, ...values } = parsed.values;
  if (help === true) return { kind: 'help' };
  const { positionals } = parsed;
  const [name, ...rest] = positionals;
  const list = `benches: ${Object.keys(benches).join(', ')}`;
  if (name === undefined) return { kind: 'error', message: `name a bench; ${list}` };
  if (rest.length > 0) return { kind: 'error', message: `one bench at a time, not ${positionals.join(' and ')}` };
  const bench = benches[name];
  if (bench === undefined) return { kind: 'error', message: `no bench ${name}; ${list}` };
  const foreign = Object.keys(values).find((option) => !(option in (bench.options ?? {})));
  if (foreign !== undefined) return { kind: 'error', message: `bench ${name} has no option --${foreign}` };
  return { kind: 'run', name, json: json === true, values };
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
