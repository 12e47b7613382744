import { readFileSync } from 'node:fs';
import { childrenOf } from '@plimsoll/core';
import { z } from 'zod';
import { withAncestors, type Guard } from '../../guards.ts';

/** What the launcher writes: its own pid. The web process is a child of it. */
const WebInfo = z.looseObject({ pid: z.int().positive() });

export interface GuardSources {
  /** 0 while there is none. */
  supervisorPid: () => number;
  /** Path of web.json. */
  webInfo: string;
}

/**
 * The processes that a freeze or a kill must spare: process 1, supervisor, agent, what serves the dashboard, who asks, and the
 * ancestors of them all. Throws where that cannot be told. `asking`: null where it is not known, undefined where nobody asks.
 */
export function guardsNow({ supervisorPid, webInfo }: GuardSources, asking: number | null | undefined): Guard[] {
  if (asking === null) throw new Error('it is not known which process asks');
  if (supervisorPid() === 0) throw new Error('the supervisor is not there');
  const launcher = launcherPid(webInfo);
  return withAncestors([
    { pid: 1, is: 'process 1' },
    { pid: supervisorPid(), is: 'the supervisor' },
    { pid: process.pid, is: 'the agent' },
    ...(launcher === null ? [] : [{ pid: launcher, is: 'what `npm start` began' }]),
    ...(launcher === null ? [] : childrenOf(launcher)).map((pid) => ({ pid, is: 'a process that serves the dashboard' })),
    ...(asking === undefined ? [] : [{ pid: asking, is: 'the process that asks' }]),
  ]);
}

/** Null: nothing was started by a launcher. */
function launcherPid(webInfo: string): number | null {
  let text: string;
  try {
    text = readFileSync(webInfo, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const parsed = WebInfo.safeParse(parseJson(text));
  if (!parsed.success) throw new Error(`${webInfo} does not tell which process serves the dashboard`);
  return parsed.data.pid;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
