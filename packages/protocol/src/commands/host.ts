import { z } from 'zod';
import { HostReport } from '../host.ts';
import { Nothing, type Commands } from './command.ts';

export const HOST_COMMANDS = {
  'host.report': { args: Nothing, result: HostReport, deadlineMs: 10_000, who: 'user', repeat: 'freely' },
  /** Stops every container, then supervisor and agent. */
  'host.shutdown': { args: Nothing, result: z.object({ stopped: z.int() }), deadlineMs: 300_000, who: 'local' },
  /** A one-time token that a browser turns into a session. */
  'session.invite': {
    args: Nothing,
    result: z.object({ token: z.string(), expiresAt: z.string() }),
    deadlineMs: 10_000,
    who: 'local',
  },
} as const satisfies Commands;
