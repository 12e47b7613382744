import { PlimsollError, type ContainerStatus } from '@plimsoll/protocol';
import { expect, test } from 'vitest';
import { requireState, type LifeVerb } from './transitions.ts';

const STATUSES: ContainerStatus[] = ['created', 'starting', 'running', 'frozen', 'stopping', 'exited', 'failed'];

/** The life of a container as the protocol tells it: what each state lets a person do. */
const ALLOWED: Record<ContainerStatus, LifeVerb[]> = {
  created: ['start', 'stop', 'restart', 'update', 'remove'],
  starting: ['start', 'kill'],
  running: ['start', 'freeze', 'stop', 'restart', 'kill', 'signal', 'update'],
  // A container that its group holds frozen can be frozen by itself as well.
  frozen: ['freeze', 'thaw', 'stop', 'restart', 'kill', 'update'],
  stopping: ['stop', 'restart', 'kill', 'signal', 'update'],
  exited: ['start', 'stop', 'restart', 'update', 'remove'],
  failed: ['start', 'stop', 'restart', 'update', 'remove'],
};
const VERBS: LifeVerb[] = ['start', 'freeze', 'thaw', 'stop', 'restart', 'kill', 'signal', 'update', 'remove'];

test.each(STATUSES.flatMap((status) => VERBS.map((verb) => ({ status, verb }))))('$verb when $status', ({ status, verb }) => {
  const act = () => requireState('web', status, verb);
  if (ALLOWED[status].includes(verb)) return expect(act).not.toThrow();
  expect(act).toThrow(PlimsollError);
  expect(act).toThrow(`cannot ${verb} container "web": it is ${status}, not `);
});

test.each([
  ['running', 'remove', 'Stop it first, or `plimsoll rm -f web`.'],
  ['frozen', 'start', 'It goes on when it is thawed: `plimsoll thaw web`.'],
  ['stopping', 'start', '`plimsoll restart web` starts it when it has ended.'],
] as const)('what helps when %s, against %s', (status, verb, hint) => {
  expect(() => requireState('web', status, verb)).toThrow(expect.objectContaining({ code: 'wrong-state', hint }));
});
