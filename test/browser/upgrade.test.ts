// @module-tag kernel

import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { hasCommit, programOf } from '../support/program.ts';
import { Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

/** The last commit whose journal had no checksums, and whose supervisor stayed whatever `npm start` came. */
const BEFORE = 'e63d919fb734272f1b19bf2d01dc01e390c26cea';
const COUNTING = ['/bin/sh', '-c', 'i=0; while :; do i=$((i+1)); echo $i; sleep 0.05; done'];

let world: Stack | undefined;
afterEach(async () => await world?.[Symbol.asyncDispose]());

test.skipIf(!hasCommit(BEFORE))(
  'npm start replaces the supervisor of an older version while containers run, and loses nothing',
  async () => {
    const stack = (world = new Stack());
    const now = stack.program;
    stack.program = programOf(BEFORE, join(stack.directory, 'before'));
    await stack.startSupervisor();
    await stack.startAgent();
    const plimsoll = async (...words: string[]): Promise<string> => {
      const { code, stdout, stderr } = await stack.plimsollProcess(words).ended;
      expect(code, `${words.join(' ')}: ${stderr}`).toBe(0);
      return stdout;
    };
    const inspect = async (name: string) => JSON.parse(await plimsoll('inspect', name, '--json')) as Record<string, unknown>;
    await plimsoll('group', 'create', 'acme', '--pids', '88');
    await plimsoll('run', '-d', '--name', 'counting', '--group', 'acme', '--', ...COUNTING);
    await plimsoll('run', '-d', '--name', 'frozen', '--', ...COUNTING);
    await plimsoll('run', '--name', 'exited', '--', '/bin/sh', '-c', 'exit 0');
    await plimsoll('create', '--name', 'created', '--', '/bin/true');
    await plimsoll('freeze', 'frozen');
    const before = new Map<string, Record<string, unknown>>();
    for (const name of ['counting', 'frozen', 'exited', 'created']) before.set(name, await inspect(name));
    const old = stack.supervisor?.pid;
    await stack.end('agent', 'SIGTERM');

    stack.program = now;
    await stack.npmStart();
    expect(stack.output).toContain('The supervisor was of another version: replaced by this one (2 containers go on).');
    expect(stack.supervisor?.exitCode, `the old one, ${old}, has ended well`).toBe(0);

    for (const [name, { state, incarnation, limits, group }] of before) {
      expect(await inspect(name), name).toMatchObject({ state, incarnation, limits, group });
    }
    expect(await plimsoll('group', 'ls', '--json')).toContain('"pids": 88');
    await plimsoll('thaw', 'frozen');
    const lines = async () => (await plimsoll('logs', 'counting')).trim().split('\n').map(Number);
    const seen = (await lines()).length;
    await until('it goes on', async () => (await lines()).length > seen + 5);
    const all = await lines();
    expect(all).toEqual(all.map((_, i) => i + 1));
    expect(await plimsoll('usage', '--json')).toContain('counting');
    await plimsoll('kill', 'counting', 'frozen');
    await plimsoll('ledger', 'verify');
    expect(stack.supervisor?.exitCode).toBe(0);
  },
);
