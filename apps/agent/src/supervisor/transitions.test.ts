import { PlimsollError, type ContainerStatus } from '@plimsoll/protocol';
import { expect, test } from 'vitest';
import { requireState, type LifeVerb } from './transitions.ts';

const STATUSES: ContainerStatus[] = ['created', 'starting', 'running', 'frozen', 'stopping', 'exited', 'failed'];

/** The life of a container as the protocol tells it: what each state lets a person do. */
const ALLOWED: Record<ContainerStatus, LifeVerb[]> = {
  created: ['start', 'remove'],
  starting: [],
  running: ['freeze', 'stop', 'kill'],
  frozen: ['thaw', 'stop', 'kill'],
  stopping: ['kill'],
  exited: ['start', 'remove'],
  failed: ['start', 'remove'],
};
const VERBS: LifeVerb[] = ['start', 'freeze', 'thaw', 'stop', 'kill', 'remove'];

test.each(STATUSES.flatMap((status) => VERBS.map((verb) => ({ status, verb }))))('$verb when $status', ({ status, verb }) => {
  const act = () => requireState('web', status, verb);
  if (ALLOWED[status].includes(verb)) return expect(act).not.toThrow();
  expect(act).toThrow(PlimsollError);
  expect(act).toThrow(`cannot ${verb} container "web": it is ${status}, not `);
});
