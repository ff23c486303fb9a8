import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundlePlugin } from '../../esbuild.config.ts';
import type { Ran } from '../../test/harness/plugin/run-command.ts';
import { readConfig } from './config.ts';
import { openTerminal } from './open-terminal.ts';
import { PLAIN } from './text/style.ts';

/** The files that a person installs, as a person runs them. */
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'plugin-'));
  await bundlePlugin(folder);
  const [cluster, user] = [{ server: 'http://127.0.0.1:1', 'insecure-skip-tls-verify': true }, {}];
  const kubeConfig = {
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'home', context: { cluster: 'c', user: 'u', namespace: 'trading' } }],
    'current-context': 'home',
  };
  writeFileSync(join(folder, 'config'), JSON.stringify(kubeConfig));
  // The name that the client library gives a cluster that it makes up.
  const [home] = kubeConfig.contexts;
  const named = { ...kubeConfig, contexts: [{ ...home, name: 'loaded-context' }], 'current-context': 'loaded-context' };
  writeFileSync(join(folder, 'named'), JSON.stringify(named));
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(program: string, ...args: readonly string[]): Promise<Ran> {
  return await runWith({ KUBECONFIG: join(folder, 'config') }, program, ...args);
}

async function runWith(
  given: Readonly<Record<string, string>>,
  program: string,
  ...args: readonly string[]
): Promise<Ran> {
  const env = { PATH: `${folder}:${dirname(process.execPath)}:/bin`, ...given };
  return await new Promise((resolve) => {
    const child = execFile(join(folder, program), [...args], { env, cwd: '/' }, (_error, output, problems) =>
      resolve({ exitCode: child.exitCode ?? -1, output, problems }),
    );
  });
}

it('is one file that runs without anything beside it', async () => {
  expect(await run('kubectl-tradingstack', '--help')).toMatchObject({
    exitCode: 0,
    problems: '',
    output: expect.stringContaining('Usage: kubectl tradingstack COMMAND'),
  });
  expect(await run('kubectl-tradingstack', 'staus')).toMatchObject({ exitCode: 2, output: '' });
});

it('names the cluster problem, and the file, context or flag that is wrong', async () => {
  const status = async (...args: readonly string[]): Promise<Ran> =>
    await run('kubectl-tradingstack', 'status', ...args);
  expect(await status()).toMatchObject({ exitCode: 5, problems: expect.stringContaining('ECONNREFUSED') });
  expect(await status('--context', 'work')).toMatchObject({
    exitCode: 2,
    problems: 'error: --context is "work"; the kubeconfig has home\n',
  });
  expect(await status('--kubeconfig', '/nowhere')).toMatchObject({
    exitCode: 2,
    problems: expect.stringMatching(/^error: --kubeconfig \/nowhere cannot be read: ENOENT/),
  });
});

it.each([[[]], [['--context', 'x']]])('says that there is no kubeconfig, with the flags %j', async (flags) => {
  expect(await runWith({ HOME: folder }, 'kubectl-tradingstack', 'status', ...flags)).toEqual({
    exitCode: 2,
    output: '',
    problems:
      'error: there is no kubeconfig: KUBECONFIG is not set and ~/.kube/config does not exist; give --kubeconfig\n',
  });
});

it('reads a kubeconfig whose context has the name of one that is made up', async () => {
  expect(await runWith({ KUBECONFIG: join(folder, 'named') }, 'kubectl-tradingstack', 'status')).toMatchObject({
    exitCode: 5,
    problems: expect.stringContaining('ECONNREFUSED'),
  });
});

it('names the help of the command, and the command that was probably meant', async () => {
  expect((await run('kubectl-tradingstack', 'flatten', '--now')).problems).toMatch(
    /See kubectl tradingstack flatten --help\.\n$/,
  );
  expect((await run('kubectl-tradingstack', 'sell')).problems).toMatch(
    /^error: "sell" is not a command; did you mean "flatten"\? [^]*See kubectl tradingstack --help\.\n$/,
  );
});

it('completes for kubectl by the second file', async () => {
  expect(await run('kubectl_complete-tradingstack', 'status', '--context', '')).toMatchObject({ output: 'home\n:4\n' });
});

it('prints scripts that the shells accept', async () => {
  const { output } = await run('kubectl-tradingstack', 'completion', 'bash');
  writeFileSync(
    join(folder, 'script'),
    `${output}\nCOMP_WORDS=(kubectl-tradingstack wh)\nCOMP_CWORD=1\n_kubectl_tradingstack\necho "\${COMPREPLY[@]}"\n`,
  );
  const ended = await new Promise((resolve) => {
    const env = { PATH: `${folder}:${dirname(process.execPath)}:/bin:/usr/bin` };
    execFile('bash', [join(folder, 'script')], { env }, (error, text, problems) => resolve({ error, text, problems }));
  });
  expect(ended).toEqual({ error: null, text: 'why\n', problems: '' });
  for (const shell of ['zsh', 'fish'])
    expect((await run('kubectl-tradingstack', 'completion', shell)).output).toContain('__complete');
});

describe('colours', () => {
  it.each([
    [{}, true],
    [{ NO_COLOR: '1' }, false],
    [{ NO_COLOR: '' }, true],
    [{ TERM: 'dumb' }, false],
  ])('with the environment %j are allowed: %s', (env, colours) => {
    expect(readConfig(env)).toEqual({ colours });
    const terminal = openTerminal(
      { out: { write: () => true, isTTY: true, columns: 99 }, problems: { write: () => true } },
      { colours },
    );
    expect([terminal.columns, terminal.style === PLAIN]).toEqual([99, !colours]);
  });
});
