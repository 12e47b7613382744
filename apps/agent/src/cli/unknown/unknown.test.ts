import { expect, test } from 'vitest';
import { ABSENT_OPTIONS } from './absent-options.ts';
import { ABSENT_VERBS } from './absent-verbs.ts';
import { unknownOption, unknownVerb } from './unknown.ts';
import { parseArguments } from '../arguments.ts';
import { UnknownOption } from '../verb.ts';
import { ALIASES, VERBS } from '../verbs.ts';
import { kill } from '../verbs/kill.ts';
import { ps } from '../verbs/ps.ts';
import { run } from '../verbs/run.ts';

test.each([
  ['exec web sh', /^exec is not available yet: `plimsoll run --rm --pid container:NAME /],
  ['container exec -it web sh', /^container exec is not available yet: /],
  ['container ls', 'container ls is `plimsoll ps` here'],
  ['container rm -f web', 'container rm is `plimsoll rm` here'],
  ['container', /^container is left out here: /],
  ['image pull debian', /^image pull is not available yet: `plimsoll image import NAME PATH` /],
  ['network ls', /^network is not available yet: .*\(--network host --userns host\).*--network container:NAME/],
  ['save base', /^save is not available yet: `plimsoll run --rm -v .*tar /],
  ['diff web', /^diff is not available yet: `plimsoll run --rm /],
  ['system df', /^system df is `plimsoll image ls`/],
  ['system doctor', 'system doctor is `plimsoll doctor` here'],
  ['-D ps', /^there is no option "-D" before a verb: .*`plimsoll events`/],
  ['--context x ps', 'there is no option "--context" before a verb: PLIMSOLL_ROOT chooses another Plimsoll on this host'],
  ['-H=tcp://x ps', /^there is no option "-H" before a verb: PLIMSOLL_ROOT /],
  ['--log-level=debug ps', /^there is no option "--log-level" before a verb: the agent logs /],
  ['--tlsverify ps', /^there is no option "--tlsverify" before a verb: .* socket /],
  ['-q ps', 'there is no option "-q" before a verb: options follow the verb that they are of'],
  ['stat', 'there is no verb "stat": did you mean stats?'],
  ['rnu -d base', 'there is no verb "rnu": did you mean run?'],
  ['imgae ls', 'there is no verb "imgae": did you mean image ls?'],
  ['imgae', 'there is no verb "imgae": did you mean image?'],
  ['image rmm', 'there is no verb "image rmm": did you mean image rm?'],
  ['volume frobnicate', 'there is no verb "volume frobnicate": say volume ls, volume create, volume rm'],
  ['volume', 'say volume ls, volume create, volume rm'],
  ['constructor', 'there is no verb "constructor"'],
])('plimsoll %s', (line, message) => {
  const said = unknownVerb(line.split(' ')).message;
  if (typeof message === 'string') expect(said).toBe(message);
  else expect(said).toMatch(message);
});

test.each([
  ['--cpu-shares', /^--cpu-shares is --cpu-weight here, /],
  ['-t', /^-t is not available yet: /],
  ['-p', /--network host --userns host/],
  ['--health-cmd', /`plimsoll alert create`/],
  ['--runtime', /^--runtime is not available: Plimsoll makes containers itself/],
  ['--nmae', 'there is no option --nmae: did you mean --name?'],
  ['--frobnicate', 'there is no option --frobnicate'],
  ['-x', 'there is no option -x'],
])('run %s', (option, message) => {
  const said = unknownOption('run', run, new UnknownOption(option));
  if (typeof message === 'string') expect(said).toBe(message);
  else expect(said).toMatch(message);
});

test.each(['9', '15', 'HUP', 'SIGUSR1', 'KILL'])('kill -%s', (signal) => {
  expect(() => parseArguments(kill, [`-${signal}`, 'web'])).toThrow(UnknownOption);
  try {
    parseArguments(kill, [`-${signal}`, 'web']);
  } catch (error) {
    expect(unknownOption('kill', kill, error as UnknownOption)).toBe(`there is no option -${signal}: write -s ${signal}`);
  }
});

test('what another verb answers for is not mixed up with it', () => {
  expect(unknownOption('ps', ps, new UnknownOption('--publish'))).toBe('there is no option --publish');
});

test('nothing that is there is said to be missing', async () => {
  for (const name of Object.keys(ABSENT_VERBS)) expect(VERBS.has(name) || ALIASES.has(name), name).toBe(false);
  for (const [name, rows] of Object.entries(ABSENT_OPTIONS)) {
    const load = VERBS.get(name);
    if (load === undefined) continue;
    const { options } = await load();
    const known = Object.entries(options).flatMap(([long, { short }]) => [
      `--${long}`,
      ...(short === undefined ? [] : [`-${short}`]),
    ]);
    for (const absent of Object.keys(rows).flatMap((names) => names.split(', '))) expect(known, name).not.toContain(absent);
  }
});
