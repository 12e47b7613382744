import { expect, test } from 'vitest';
import { typedFor } from './field-option.ts';
import { VERBS } from '../verbs.ts';
import { run } from '../verbs/run.ts';
import { update } from '../verbs/update.ts';

test.each([
  ['limits.memoryBytes', ['-m', '4k'], '-m "4k"'],
  ['limits.memoryBytes', ['--memory=4k'], '--memory "4k"'],
  ['limits.pids', ['--pids-limit', '7'], '--pids-limit "7"'],
  ['limits.swapBytes', ['--memory-swap', '1g'], '--memory-swap "1g"'],
  ['limits.io.1.device', ['--io', 'a:rbps=1', '--io', 'b:rbps=1'], '--io "b:rbps=1"'],
  ['mounts.1.destination', ['--mount', 'src=c,dst=/c', '-v', 'a', '-v', 'b'], '-v "b"'],
  ['mounts.2', ['--mount', 'src=c,dst=/c', '-v', 'a', '-v', 'b'], '--mount "src=c,dst=/c"'],
  ['mounts.0', ['--mount', 'type=tmpfs,dst=/c', '-v', 'a'], '-v "a"'],
  ['tmpfs.1.mode', ['--mount', 'type=tmpfs,dst=/c', '-v', 'a', '--tmpfs', '/b'], '--mount "type=tmpfs,dst=/c"'],
  ['env.A B', ['-e', 'A=1', '-e', 'A B=2'], '-e "A B=2"'],
  ['env.FROM_FILE', ['-e', 'A=1', '--env-file', 'f'], '-e or --env-file'],
  ['rlimits.nofile.soft', ['--ulimit', 'core=0', '--ulimit', 'nofile=x'], '--ulimit "nofile=x"'],
  ['capabilities', ['--cap-add', 'A', '--cap-drop', 'B'], '--cap-add or --cap-drop'],
  ['capabilities.add.1', ['--cap-add', 'A,B', '--cap-drop', 'B'], '--cap-add "A,B"'],
  ['namespaces.network', ['--net', 'container:x'], '--net "container:x"'],
  ['readOnly', ['--read-only'], '--read-only'],
  ['command.0', ['base', ''], 'COMMAND'],
  ['limits.memoryBytes', [], null],
  ['config.process', ['-m', '4k'], null],
  ['imageX', ['--image', 'x'], null],
])('%s of run %j is %s', (field, args, typed) => {
  expect(typedFor(field, run, args)).toBe(typed);
});

test('a word that is no option has a name', () => {
  expect(typedFor('container', update, ['--cpus', '1', 'x'])).toBe('CONTAINER');
});

test('every verb has the options that its fields name', async () => {
  for (const [name, load] of VERBS) {
    const { fields, options } = await load();
    const named = Object.values(fields).flat();
    for (const one of named) expect(Object.hasOwn(options, one) || /^[A-Z]+$/.test(one), `${name}: ${one}`).toBe(true);
  }
});
