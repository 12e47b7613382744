import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { ownDirectory } from '../support/leftovers.ts';
import { until } from '../support/until.ts';
import { World } from '../support/world.ts';

const BIN = join(import.meta.dirname, '../../apps/agent/bin');
const ZSH = '/usr/bin/zsh';
const STATUSES = ['created', 'starting', 'running', 'frozen', 'stopping', 'exited', 'failed'];
const FISH = '/usr/bin/fish';

let world: World;
let directory: string;
beforeAll(async () => {
  world = await World.shared();
  directory = mkdtempSync(join(ownDirectory(), 'completion-'));
  for (const shell of ['bash', 'zsh', 'fish']) {
    writeFileSync(join(directory, shell), (await world.plimsoll('completion', shell)).stdout);
  }
  const client = await world.client();
  for (const name of ['web-1', 'web-2', 'frozen.one']) {
    await client.command('container.run', { name, group: 'acme/web', command: ['sleep', 'infinity'] });
  }
  await client.command('container.freeze', { container: 'frozen.one' });
  await client.command('container.create', { name: 'not-begun', command: ['true'] });
  await client.command('volume.create', { name: 'data' });
});

/** What a shell's program writes, a line each. Throws where it fails or says anything on stderr. */
function shell(program: string, args: readonly string[]): string[] {
  const { status, stdout, stderr } = spawnSync(program, args, {
    encoding: 'utf8',
    env: { ...world.environment, PATH: `${BIN}:${process.env['PATH']}`, HOME: directory },
  });
  if (status !== 0 || stderr !== '') throw new Error(`${program} ended with ${status}: ${stderr}`);
  return stdout.split('\n').filter((line) => line !== '');
}

/** As bash divides a line: at : and = as well (COMP_WORDBREAKS). */
function compWords(line: string): string[] {
  return line.match(/[:=]+|[^\s:=]+|\s$/g)?.map((word) => word.trim()) ?? [];
}

function bash(line: string, program?: string): string[] {
  const words = program === undefined ? compWords(line) : line.split(' ');
  const script = `source ${join(directory, 'bash')}; shift 0
    COMP_LINE=$1; COMP_POINT=$\{#COMP_LINE}; shift
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
    _plimsoll; (($\{#COMPREPLY[@]})) && printf '%s\\n' "$\{COMPREPLY[@]}"; true`;
  return shell('bash', ['--norc', '-c', script, 'bash', line, ...words]);
}

/** Without a terminal zsh completes nothing: what it would be told. */
function zsh(...words: string[]): string[] {
  const script = `compdef() { : }
    _describe() { local name=$4; print -rl -- "$\{(@P)name}" }
    _files() { print -r -- '(files)' }
    compset() { : }
    source ${join(directory, 'zsh')}
    words=("$@"); CURRENT=$#; PREFIX=$words[-1]; _plimsoll`;
  return shell(ZSH, ['-f', '-c', script, 'zsh', 'plimsoll', ...words]);
}

function fish(line: string): string[] {
  return shell(FISH, ['--no-config', '-c', `source ${join(directory, 'fish')}; complete -C ${JSON.stringify(line)}`]);
}

const candidates = async (...words: string[]): Promise<string[]> => {
  const { code, stdout, stderr } = await world.plimsoll('__complete', '--', ...words);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout.split('\n').flatMap((line) => (line === '' ? [] : [line.split('\t')[0] ?? '']));
};

test('bash never inserts what it would expand', () => {
  const evil = ['plain', 'a b', 'ev$(touch x)', 'ev`touch x`', 'it"s', "it's", 'new\\line'];
  const program = join(directory, 'evil');
  writeFileSync(program, `#!/bin/sh\ncat <<'END'\n${evil.join('\n')}\nEND\n`, { mode: 0o755 });
  expect(bash(`${program} rm "e`, program)).toEqual(['plain']);
  expect(bash(`${program} rm 'e`, program)).toEqual(['plain']);
  const unquoted = bash(`${program} rm e`, program);
  expect(unquoted).toHaveLength(evil.length);
  const { stdout } = spawnSync('bash', ['--norc', '-c', `printf '%s\\n' ${unquoted.join(' ')}`], { encoding: 'utf8' });
  expect(stdout.split('\n')).toEqual([...evil, '']);
});

describe('what may be typed', () => {
  test('verbs, their second words, and options', async () => {
    expect(await candidates('')).toEqual(expect.arrayContaining(['run', 'ps', 'group', 'pause', 'help']));
    expect(await candidates('')).not.toContain('__complete');
    expect(await candidates('ren')).toEqual(['rename']);
    expect(await candidates('volume', '')).toEqual(['ls', 'create', 'rm']);
    expect(await candidates('help', 'volume', 'l')).toEqual(['ls']);
    expect(await candidates('ps', '-')).toEqual(expect.arrayContaining(['--filter', '-f', '--help']));
    expect(await candidates('run', '--memory-s')).toEqual(['--memory-swap']);
    expect(await candidates('no-such-verb', '')).toEqual([]);
  });

  test.each([
    ['rm', ['web-1', 'web-2', 'frozen.one', 'not-begun']],
    ['stop', ['web-1', 'web-2', 'frozen.one']],
    ['start', ['not-begun']],
    ['thaw', ['frozen.one']],
    ['unpause', ['frozen.one']],
  ])('containers of %s', async (verb, names) => {
    expect((await candidates(verb, '')).toSorted()).toEqual(names.toSorted());
  });

  test('names that were typed already are left out, and where one is enough no other is offered', async () => {
    expect(await candidates('stop', 'web-1', 'web')).toEqual(['web-2']);
    expect(await candidates('logs', 'web-1', '')).toEqual([]);
    expect(await candidates('logs', '--follow', 'web-')).toEqual(['web-1', 'web-2']);
    expect(await candidates('logs', '--tail', '')).toEqual([]);
  });

  test('groups, images, volumes, and values of options', async () => {
    expect(await candidates('group', 'freeze', '')).toEqual(['acme', 'acme/web', 'default']);
    expect(await candidates('run', '')).toEqual(['base']);
    expect(await candidates('run', 'base', '')).toEqual([]);
    expect(await candidates('run', '--', '')).toEqual([]);
    expect(await candidates('run', '--image', '')).toEqual(['base']);
    expect(await candidates('run', '--image=b')).toEqual(['--image=base']);
    expect(await candidates('run', '--pid', 'container:web')).toEqual(['container:web-1', 'container:web-2']);
    expect(await candidates('run', '-v', '')).toEqual(['data:']);
    expect(await candidates('run', '-v', '/et')).toEqual([':files']);
    expect(await candidates('volume', 'rm', '')).toEqual(['data']);
    expect(await candidates('image', 'import', 'new', '')).toEqual([':files']);
    expect(await candidates('run', '--volume=/et')).toEqual([':files']);
    expect(await candidates('run', '--security-opt', 'seccomp=')).toEqual(['seccomp=unconfined', 'seccomp=default', ':files']);
    expect(await candidates('run', '--security-opt', 'app')).toEqual(['apparmor=']);
    expect(await candidates('ps', '--filter', 'status=')).toEqual(STATUSES.map((status) => `status=${status}`));
    expect(await candidates('events', '--kind', 'conta')).toEqual(expect.arrayContaining(['container', 'container.exited']));
    expect(await candidates('events', '-k', 'agent')).toEqual(['agent', 'agent.started', 'agent.ended']);
  });

  test('only cgroups that may be frozen and killed are offered for that', async () => {
    for (const verb of ['freeze', 'thaw', 'kill']) {
      // Other programs of this host make and remove theirs.
      const { all, some } = await until('none came and went meanwhile', async () => {
        const before = await candidates('cgroup', 'inspect', '');
        const some = await candidates('cgroup', verb, '');
        const after = await candidates('cgroup', 'inspect', '');
        return isDeepStrictEqual(before, after) ? { all: before, some } : null;
      });
      expect(all).toEqual(expect.arrayContaining(['/', world.state.cgroup]));
      expect(some).not.toContain('/');
      expect(some.filter((path) => path.startsWith(world.state.cgroup))).toEqual([]);
      expect(all).toEqual(expect.arrayContaining(some));
    }
  });

  test('without an agent, and for words that make no sense, there is nothing and no error', async () => {
    const away = { ...world.environment, PLIMSOLL_ROOT: '/no/such/root' };
    const run = (...words: string[]) =>
      spawnSync(join(BIN, 'plimsoll'), ['__complete', '--', ...words], { env: away, encoding: 'utf8' });
    expect(run('rm', '')).toMatchObject({ status: 0, stdout: '', stderr: '' });
    for (const words of [[], ['rm', '--', '-x'], ['run', "'", '$(false)'], ['logs', '--nope=', '']]) {
      expect(run(...words), words.join(' ')).toMatchObject({ status: 0, stderr: '' });
    }
  });
});

test.each([
  ['plimsoll rena', ['rename']],
  ['plimsoll rm web', ['web-1', 'web-2']],
  ['plimsoll rm web-1 web', ['web-2']],
  ['plimsoll run --pid container:web', ['web-1', 'web-2']],
  ['plimsoll run --pid=container:web-1', ['web-1']],
  ['plimsoll run --image=', ['base']],
  ["plimsoll rm 'web-1", ['web-1']],
  ['plimsoll group freeze acme/', ['acme/web']],
  ['plimsoll run -v da', ['data:']],
  ['plimsoll ps --filter status=', STATUSES],
  ['plimsoll ps --filter status=ex', ['exited']],
  ['plimsoll run --security-opt seccomp=', ['unconfined', 'default']],
  ['plimsoll run --security-opt seccomp=./', []],
])('bash completes "%s"', (line, words) => {
  expect(bash(line)).toEqual(words);
});

test('bash evaluates nothing that was typed', () => {
  const never = join(directory, 'never');
  expect(bash(`plimsoll rm $(touch ${never}) no`)).toEqual(['not-begun']);
  expect(bash(`plimsoll rm \`touch ${never}\``)).toEqual([]);
  expect(existsSync(never)).toBe(false);
});

test.skipIf(!existsSync(ZSH))('zsh is told the same', () => {
  expect(zsh('rena')).toEqual(['rename:give a container another name']);
  expect(zsh('run', '--pid', 'container:web-1')).toEqual([expect.stringMatching(/^container\\:web-1:running /)]);
  expect(zsh('image', 'import', 'new', '')).toEqual(['(files)']);
  expect(zsh('run', '--security-opt', 'app')).toEqual(['apparmor=']);
});

test.skipIf(!existsSync(FISH))('fish completes the same', () => {
  expect(fish('plimsoll rena')).toEqual(['rename\tgive a container another name']);
  expect(fish('plimsoll rm web-1 web')).toEqual([expect.stringMatching(/^web-2\trunning /)]);
  expect(fish('plimsoll run --security-opt seccomp=/etc/passw')).toEqual(expect.arrayContaining(['seccomp=/etc/passwd']));
  expect(fish('plimsoll run --env-file=/etc/passw')).toEqual(expect.arrayContaining(['--env-file=/etc/passwd']));
  expect(fish('plimsoll image import new /etc/passw')).toEqual(expect.arrayContaining(['/etc/passwd']));
  expect(fish('plimsoll run --pid container:web-1')).toEqual([expect.stringMatching(/^container:web-1\t/)]);
});
