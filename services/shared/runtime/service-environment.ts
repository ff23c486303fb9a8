import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { z } from 'zod';
import { ConfigError, messageOf } from './errors.ts';
import { createLogger } from './logger.ts';

/** What every process reads from its environment. */
export interface ProcessEnvironment {
  readonly release: string;
  readonly podName: string;
  readonly podIp: string | undefined;
  readonly logLevel: string;
  /** Overrides the port of the catalogue. */
  readonly port: number | undefined;
  /** Address of the one interface on which the process serves. Default: all interfaces. */
  readonly host?: string | undefined;
}

/** What a service reads from its environment; everything else is in the settings document. */
export interface ServiceEnvironment extends ProcessEnvironment {
  readonly settingsFile: string;
  readonly secretsDirectory: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Schema fragments for a process that reads its environment with its own schema. */
export const logLevelVariable = z.enum(['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace']).default('info');
export const portVariable = z.coerce.number().int().min(0).max(65_535).optional();
export const hostVariable = z.union([z.ipv4(), z.ipv6()], 'must be an IP address').optional();

const environmentSchema = z.object({
  SETTINGS_FILE: z.string().min(1).optional(),
  SECRETS_DIR: z.string().min(1).optional(),
  RELEASE: z.string().min(1).max(64).default('development'),
  POD_NAME: z.string().min(1).max(253).optional(),
  POD_IP: z.string().min(1).max(45).optional(),
  LOG_LEVEL: logLevelVariable,
  PORT: portVariable,
  HOST: hostVariable,
});

/** Parses the environment. Throws ConfigError with every problem. An empty variable counts as absent. */
export function readEnvironment(
  env: Environment,
  defaults: { readonly settingsFile: string; readonly secretsDirectory: string },
): ServiceEnvironment {
  const values = parseEnvironment(environmentSchema, env);
  return Object.freeze({
    settingsFile: values.SETTINGS_FILE ?? defaults.settingsFile,
    secretsDirectory: values.SECRETS_DIR ?? defaults.secretsDirectory,
    release: values.RELEASE,
    podName: values.POD_NAME ?? hostname(),
    podIp: values.POD_IP,
    logLevel: values.LOG_LEVEL,
    port: values.PORT,
    host: values.HOST,
  });
}

/** Parses environment variables with the given schema. Throws ConfigError with every problem. */
export function parseEnvironment<S extends z.ZodType>(schema: S, env: Environment): z.output<S> {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = schema.safeParse(present);
  if (parsed.success) return parsed.data;
  throw new ConfigError('EnvironmentInvalid', problemsOf(parsed.error, present, 'environment variable'));
}

/** Receives the settings that this release does not know, as dotted paths. */
export type ReportIgnored = (ignored: readonly string[], file: string) => void;

/**
 * Reads and parses the mounted settings document. Throws ConfigError that lists every problem: field, value, what is
 * allowed. Fields that the schema does not know are dropped and reported, because an operator newer than this release
 * renders them.
 */
export function loadSettings<S extends z.ZodType>(
  schema: S,
  file: string,
  reportIgnored: ReportIgnored = warnOfIgnored,
): z.output<S> {
  const document = readDocument(file);
  const ignored: string[] = [];
  for (;;) {
    const parsed = schema.safeParse(document);
    if (parsed.success) {
      if (ignored.length > 0) reportIgnored(ignored, file);
      return parsed.data;
    }
    const removed = removeUnknown(document, parsed.error.issues);
    if (removed.length === 0) {
      throw new ConfigError('SettingsInvalid', problemsOf(parsed.error, document, `settings ${file}:`));
    }
    ignored.push(...removed);
  }
}

/** The configuration is read before the logger of the service exists. */
function warnOfIgnored(ignored: readonly string[], file: string): void {
  createLogger({ name: 'settings', level: 'warn' }).warn(
    { ignored, file },
    'ignoring settings that this release does not know',
  );
}

/**
 * Removes the unknown fields from the document, which this module owns, and returns their paths. Returns none if there
 * is any other problem.
 */
function removeUnknown(document: unknown, issues: readonly z.core.$ZodIssue[]): readonly string[] {
  const unknown = issues.filter((issue) => issue.code === 'unrecognized_keys');
  if (unknown.length < issues.length) return [];
  return unknown.flatMap(({ path, keys }) => {
    const owner = valueAt(document, path);
    if (typeof owner !== 'object' || owner === null) return [];
    return keys.filter((key) => Reflect.deleteProperty(owner, key)).map((key) => [...path, key].map(String).join('.'));
  });
}

function readDocument(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError('SettingsMissing', [`settings document ${file} cannot be read: ${messageOf(error)}`], {
      cause: error,
    });
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ConfigError('SettingsInvalid', [`settings document ${file} is not JSON: ${messageOf(error)}`], {
      cause: error,
    });
  }
}

function problemsOf(error: z.ZodError, input: unknown, what: string): readonly string[] {
  return error.issues.map((issue) => {
    const field = issue.path.map(String).join('.');
    return `${what} ${field === '' ? '(whole)' : field} is ${format(valueAt(input, issue.path))}: ${issue.message}`;
  });
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

/** Settings contain no secrets but may be long. */
function format(value: unknown): string {
  if (value === undefined) return 'absent';
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}
