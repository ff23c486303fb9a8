import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';

const MODULE = new URL('run-service.ts', import.meta.url).href;
const ERRORS = new URL('errors.ts', import.meta.url).href;

interface Run {
  readonly code: number | null;
  readonly lines: readonly Record<string, unknown>[];
}

/** Runs a real process. `body` is a program in which `service(run)` starts a service whose only part runs `run`. */
async function runProgram(body: string, onStarted?: (pid: number, port: number) => Promise<void>): Promise<Run> {
  const program = `
    import { runService } from '${MODULE}';
    import { ConfigError, ExitError } from '${ERRORS}';
    const files = { settingsFile: '', secretsDirectory: '' };
    const environment = { release: 'r1', podName: 'p', podIp: undefined, logLevel: 'info', port: 0, ...files };
    const untilAborted = async (signal) => await new Promise((resolve) => signal.addEventListener('abort', resolve));
    const service = (run, readConfig = () => ({ environment }), exitWhenDone = false) =>
      runService({
        name: 'probe',
        readConfig,
        build: () => ({ port: 0, parts: [{ name: 'part', run }], exitWhenDone }),
      });
    const unbuilt = () =>
      runService({
        name: 'probe',
        readConfig: () => ({ environment }),
        build: async () => {
          setInterval(() => {}, 1_000);
          process.kill(process.pid, 'SIGTERM');
          return await new Promise(() => {});
        },
      });
    ${body}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: Record<string, unknown>[] = [];
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) {
      const entry = JSON.parse(line) as Record<string, unknown>;
      lines.push(entry);
      if (entry['msg'] === 'started') void onStarted?.(child.pid ?? 0, Number(entry['port']));
    }
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, lines };
}

async function getJson(port: number, path: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return { status: response.status, body: await response.json() };
}

describe('runService as a process', () => {
  it('serves its status until SIGTERM and exits 0', async () => {
    const seen: unknown[] = [];
    const run = await runProgram('await service(untilAborted);', async (pid, port) => {
      seen.push((await getJson(port, '/statusz')).body, (await getJson(port, '/health')).status);
      process.kill(pid, 'SIGTERM');
    });
    expect(run.code).toBe(0);
    expect(seen[0]).toMatchObject({
      service: 'probe',
      release: 'r1',
      ready: true,
      checks: [{ name: 'process', ok: true }],
    });
    expect(seen[1]).toBe(200);
  });

  it('serves on the given interface only', async () => {
    const there: unknown[] = [];
    const body = "environment.host = '127.0.0.2'; await service(untilAborted);";
    await runProgram(body, async (pid, port) => {
      there.push((await fetch(`http://127.0.0.2:${port}/health`)).status);
      there.push(await getJson(port, '/health').catch(() => 'refused'));
      process.kill(pid, 'SIGTERM');
    });
    expect(there).toEqual([200, 'refused']);
  });

  it('exits on a SIGTERM that arrives while it is built', async () => {
    const run = await runProgram('await unbuilt();');
    expect([run.code, run.lines.at(-1)?.['reason']]).toEqual([0, 'SIGTERM']);
  });

  it.each([0, 20, 40, 60, 90, 130, 180, 250])('ends on a SIGTERM %s ms after it was spawned', async (delayMs) => {
    const program = `
      import { runService } from '${MODULE}';
      const environment = { release: 'r1', podName: 'p', podIp: undefined, logLevel: 'silent', port: 0 };
      const run = async (signal) => await new Promise((resolve) => signal.addEventListener('abort', resolve));
      await runService({
        name: 'probe',
        readConfig: () => ({ environment }),
        build: () => ({ port: 0, parts: [{ name: 'part', run }] }),
      });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'ignore' });
    const closed = once(child, 'close');
    setTimeout(() => child.kill('SIGTERM'), delayMs);
    const [code, endedBy] = (await closed) as [number | null, string | null];
    // Before there is a handler the signal itself ends the process.
    expect(endedBy ?? code).toBe(endedBy === null ? 0 : 'SIGTERM');
  });

  it.each([
    [
      'an invalid configuration',
      `await service(untilAborted, () => { throw new ConfigError('SettingsInvalid', ['a is 1']); });`,
      78,
    ],
    [
      'an unhandled rejection',
      `setTimeout(() => { void Promise.reject(new Error('x')); }, 20); await service(untilAborted);`,
      1,
    ],
    ['an uncaught exception', `setTimeout(() => { throw new Error('x'); }, 20); await service(untilAborted);`, 1],
    ['the failure of a part', `await service(async () => { throw new Error('x'); });`, 1],
    ['an intentional exit by a part', `await service(async () => { throw new ExitError(4, 'Fenced', 'x'); });`, 4],
    ['the completion of a job', `await service(async () => {}, undefined, true);`, 0],
  ])('exits after %s', async (_what, body, code) => {
    const run = await runProgram(body);
    expect(run.code).toBe(code);
    expect(run.lines.at(-1)).toMatchObject({ exitCode: code });
  });

  it('exits at once on a second signal', async () => {
    const run = await runProgram('await service(() => new Promise(() => {}));', async (pid) => {
      process.kill(pid, 'SIGTERM');
      setTimeout(() => process.kill(pid, 'SIGINT'), 100);
    });
    expect(run.code).toBe(1);
    expect(run.lines.at(-1)).toMatchObject({ reason: 'Killed' });
  });
});
