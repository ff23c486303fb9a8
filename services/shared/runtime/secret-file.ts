import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from './errors.ts';

/**
 * Returns the value of a mounted secret, without the trailing newline that editors add. Throws ConfigError, which names
 * the Secret and the remedy and never contains the value.
 */
export function readSecret(directory: string, file: string, secretName: string): string {
  const path = join(directory, file);
  const key = file.split('/').at(-1) ?? file;
  const remedy = `set the key "${key}" of the Secret "${secretName}"`;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError('SecretMissing', [`secret file ${path} cannot be read; ${remedy}`], { cause: error });
  }
  const value = text.replace(/\r?\n$/, '');
  if (value === '') throw new ConfigError('SecretEmpty', [`secret file ${path} is empty; ${remedy}`]);
  return value;
}
