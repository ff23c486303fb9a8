import { setTimeout as delay } from 'node:timers/promises';
import { endRunningCommands } from './run-command.ts';

let asked = false;

/** Whether ctrl-C was pressed: what fails now fails because of it. */
export function isInterrupted(): boolean {
  return asked;
}

/**
 * Makes ctrl-C end the commands that are running, print `message` and exit with 130; a second ctrl-C does not wait
 * for them. Finished steps stay; unfinished files have temporary names, which the next run replaces.
 */
export function exitOnInterrupt(message: string): void {
  const stop = async () => {
    if (!asked) {
      asked = true;
      process.stderr.write(`\ninterrupted: ${message}\n`);
      endRunningCommands('SIGTERM');
      await delay(1000);
    }
    endRunningCommands('SIGKILL');
    process.exit(130);
  };
  process.on('SIGINT', () => void stop());
  process.on('SIGTERM', () => void stop());
}
