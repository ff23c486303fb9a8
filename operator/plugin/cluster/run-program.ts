import { spawn } from 'node:child_process';

export interface ProgramEnd {
  /** Undefined if the program could not be started. */
  readonly exitCode: number | undefined;
  readonly output: string;
  readonly problems: string;
}

/** Runs a program of the user's machine to its end, with a text on its standard input. Never rejects. */
export type RunProgram = (program: string, args: readonly string[], input: string) => Promise<ProgramEnd>;

const DEADLINE_MS = 30_000;
const OUTPUT_MAX = 16 * 1024 * 1024;

export const runProgram: RunProgram = async (program, args, input) =>
  await new Promise((resolve) => {
    const child = spawn(program, [...args], { stdio: 'pipe', timeout: DEADLINE_MS });
    let [output, problems] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
      if (output.length > OUTPUT_MAX) child.kill();
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      problems = (problems + chunk).slice(-4_096);
    });
    child.on('error', ({ message }) => resolve({ exitCode: undefined, output: '', problems: message }));
    child.on('close', (exitCode) => resolve({ exitCode: exitCode ?? undefined, output, problems }));
    // A program that ends without reading closes the pipe.
    child.stdin.on('error', () => undefined).end(input);
  });
