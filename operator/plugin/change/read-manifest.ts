import { readFile } from 'node:fs/promises';
import { parseAllDocuments } from 'yaml';
import { TRADING_STACK, TRADING_STACK_API_VERSION } from '../../api/v1alpha1/trading-stack/trading-stack.ts';
import { messageOf } from '../../../services/shared/runtime/errors.ts';
import { PluginError } from '../call/plugin-error.ts';

/** A TradingStack as a file has it. */
export interface Manifest {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: Readonly<Record<string, unknown>>;
}

/** Reads the only TradingStack of a file, `-` for standard input. Rejects with PluginError `Usage`. */
export async function readManifest(file: string): Promise<Manifest> {
  const documents = parsedDocuments(file, await textOf(file));
  const stacks = documents.filter((document) => document.kind === TRADING_STACK.kind);
  const [stack, ...others] = stacks;
  if (stack === undefined) throw wrong(file, `has no ${TRADING_STACK.kind}`);
  if (others.length > 0) throw wrong(file, `has ${stacks.length} stacks; give one at a time`);
  const { apiVersion = 'none', metadata, spec } = stack;
  if (apiVersion !== TRADING_STACK_API_VERSION)
    throw wrong(file, `has apiVersion ${String(apiVersion)}; it must be ${TRADING_STACK_API_VERSION}`);
  if (typeof metadata?.name !== 'string') throw wrong(file, 'has no metadata.name');
  return { metadata, spec: typeof spec === 'object' && spec !== null ? spec : {} } as Manifest;
}

interface Untrusted {
  readonly apiVersion?: unknown;
  readonly kind?: unknown;
  readonly metadata?: { readonly name?: unknown };
  readonly spec?: unknown;
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file === '-' ? '/dev/stdin' : file, 'utf8');
  } catch (error) {
    throw wrong(file, `cannot be read: ${messageOf(error)}`);
  }
}

function parsedDocuments(file: string, text: string): readonly Untrusted[] {
  const documents = parseAllDocuments(text);
  const parsed = 'empty' in documents ? [] : documents;
  const problem = parsed.flatMap(({ errors }) => errors)[0];
  if (problem !== undefined) throw wrong(file, `is not YAML: ${problem.message.split('\n')[0] ?? ''}`);
  return parsed.map((document) => (document.toJS() ?? {}) as Untrusted);
}

function wrong(file: string, problem: string): PluginError {
  return new PluginError('Usage', `--filename ${file} ${problem}`);
}
