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

/**
 * Returns a function that reads a mounted secret again at each call, as the kubelet replaces the file when the Secret
 * changes. Once it has been read, a file that cannot be read leaves the last value in place. Throws like `readSecret`.
 */
export function createSecretReader(directory: string, file: string, secretName: string): () => string {
  let value = readSecret(directory, file, secretName);
  return () => {
    try {
      value = readSecret(directory, file, secretName);
    } catch {
      // The Secret was deleted: commands with the last token still stop trading.
    }
    return value;
  };
}
