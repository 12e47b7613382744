import { PlimsollError, type ContainerStatus } from '@plimsoll/protocol';

/** In which states each verb does something. Anything else is an error that names them. */
const ACCEPTS = {
  // Of one that is there already nothing is left to do.
  start: ['created', 'starting', 'running', 'exited', 'failed'],
  freeze: ['running', 'frozen'],
  thaw: ['frozen'],
  restart: ['created', 'running', 'frozen', 'stopping', 'exited', 'failed'],
  stop: ['created', 'running', 'frozen', 'stopping', 'exited', 'failed'],
  kill: ['starting', 'running', 'frozen', 'stopping'],
  signal: ['running', 'stopping'],
  update: ['created', 'running', 'frozen', 'stopping', 'exited', 'failed'],
  remove: ['created', 'exited', 'failed'],
} as const satisfies Record<string, readonly ContainerStatus[]>;

export type LifeVerb = keyof typeof ACCEPTS;

type Hints = Partial<Record<LifeVerb, (name: string) => string>>;

const HINTS: Hints = {
  start: (name) => `\`plimsoll restart ${name}\` starts it when it has ended.`,
  freeze: () => 'Only a running container can be frozen.',
  thaw: () => 'Only a frozen container can be thawed.',
  remove: (name) => `Stop it first, or \`plimsoll rm -f ${name}\`.`,
};

/** In place of those, of a container that is frozen. */
const FROZEN_HINTS: Hints = {
  start: (name) => `It goes on when it is thawed: \`plimsoll thaw ${name}\`.`,
  signal: () => 'Thaw it first; SIGKILL ends a frozen container as well.',
};

/** Throws `wrong-state` unless the verb means something now. */
export function requireState(name: string, status: ContainerStatus, verb: LifeVerb): void {
  const accepted: readonly ContainerStatus[] = ACCEPTS[verb];
  if (accepted.includes(status)) return;
  const hint = (status === 'frozen' ? FROZEN_HINTS[verb] : undefined) ?? HINTS[verb];
  throw new PlimsollError(
    'wrong-state',
    `cannot ${verb} container "${name}": it is ${status}, not ${accepted.join(' or ')}`,
    hint === undefined ? {} : { hint: hint(name) },
  );
}
