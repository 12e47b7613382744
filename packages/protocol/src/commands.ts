import { z } from 'zod';
import { BirthStep, ContainerView, CreateContainer } from './container.ts';
import { ErrorBody } from './errors.ts';
import { HostReport } from './host.ts';
import { ImageView, ImportSource } from './image.ts';
import { ContainerRef, ImageName } from './names.ts';

const Target = z.strictObject({ container: ContainerRef });
const Nothing = z.strictObject({});
const Done = z.object({});

/** Seconds between the stop signal and the kill. */
export const DEFAULT_STOP_GRACE_MS = 10_000;

/**
 * Every command: its arguments, its result, how long the caller waits for the acknowledgement, and who may give it.
 * `local` is root on the agent's host, by a file that only root can read; `user` is any signed-in session as well.
 */
export const COMMANDS = {
  'container.create': { args: CreateContainer, result: ContainerView, deadlineMs: 10_000, who: 'user' },
  'container.start': { args: Target, result: ContainerView, deadlineMs: 20_000, who: 'user' },
  /** Create and start as one: where the start fails nothing is left of it. */
  'container.run': { args: CreateContainer, result: ContainerView, deadlineMs: 20_000, who: 'user' },
  'container.freeze': { args: Target, result: ContainerView, deadlineMs: 10_000, who: 'user' },
  'container.thaw': { args: Target, result: ContainerView, deadlineMs: 10_000, who: 'user' },
  /** Acknowledged when it has ended, by its own will or by the kill after the grace time. */
  'container.stop': {
    args: Target.extend({ graceMs: z.int().min(0).max(600_000).default(DEFAULT_STOP_GRACE_MS) }),
    result: ContainerView,
    deadlineMs: 620_000,
    who: 'user',
  },
  /** Acknowledged when every process in its cgroup is gone. */
  'container.kill': { args: Target, result: ContainerView, deadlineMs: 20_000, who: 'user' },
  'container.remove': {
    args: Target.extend({ force: z.boolean().default(false) }),
    result: Done,
    deadlineMs: 20_000,
    who: 'user',
  },
  'container.list': { args: Nothing, result: z.array(ContainerView), deadlineMs: 10_000, who: 'user' },
  'container.inspect': { args: Target, result: ContainerView, deadlineMs: 10_000, who: 'user' },
  /** How its last start was made: every syscall in order, with its time. */
  'container.birth': { args: Target, result: z.array(BirthStep), deadlineMs: 10_000, who: 'user' },
  'image.list': { args: Nothing, result: z.array(ImageView), deadlineMs: 10_000, who: 'user' },
  'image.import': {
    args: z.strictObject({ name: ImageName, source: ImportSource }),
    result: ImageView,
    deadlineMs: 600_000,
    who: 'local',
  },
  'image.remove': { args: z.strictObject({ name: ImageName }), result: Done, deadlineMs: 60_000, who: 'user' },
  'host.report': { args: Nothing, result: HostReport, deadlineMs: 10_000, who: 'user' },
  /** Stops every container, then supervisor and agent. */
  'host.shutdown': { args: Nothing, result: z.object({ stopped: z.int() }), deadlineMs: 60_000, who: 'local' },
  /** A one-time token that a browser turns into a session. */
  'session.invite': {
    args: Nothing,
    result: z.object({ token: z.string(), expiresAt: z.string() }),
    deadlineMs: 10_000,
    who: 'local',
  },
} as const satisfies Record<string, { args: z.ZodType; result: z.ZodType; deadlineMs: number; who: 'user' | 'local' }>;

export type Verb = keyof typeof COMMANDS;
export type CommandArgs<V extends Verb> = z.output<(typeof COMMANDS)[V]['args']>;
/** Arguments as a caller writes them: what has a default may be left out. */
export type CommandInput<V extends Verb> = z.input<(typeof COMMANDS)[V]['args']>;
export type CommandResult<V extends Verb> = z.output<(typeof COMMANDS)[V]['result']>;

export function isVerb(text: unknown): text is Verb {
  return typeof text === 'string' && Object.hasOwn(COMMANDS, text);
}

/** What a client sends as the socket.io event `command`, or POSTs to /v1/command. */
export const CommandMessage = z.strictObject({ verb: z.string().max(64), args: z.unknown() });
export type CommandMessage = z.infer<typeof CommandMessage>;

/** The acknowledgement: a result of the verb's shape, or an error. */
export const Answer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), result: z.unknown() }),
  z.object({ ok: z.literal(false), error: ErrorBody }),
]);
export type Answer = z.infer<typeof Answer>;
