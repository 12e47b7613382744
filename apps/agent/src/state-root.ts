import { isAbsolute, join, normalize } from 'node:path';
import { PlimsollError } from '@plimsoll/protocol';

/** sun_path is 108 bytes with its NUL (unix(7)). */
const MAX_SOCKET_PATH_BYTES = 107;
const LIB = '/var/lib/plimsoll';

/** Where one Plimsoll keeps everything, and what its cgroups are called. Any number of them run at once on one host. */
export interface StateRoot {
  /** The directory that a person knows it by: what PLIMSOLL_ROOT names, or `/var/lib/plimsoll`. */
  home: string;
  /** Sockets, credentials and runtime state; of no worth after a reboot. */
  run: string;
  /** Definitions, exit records, images, layers, logs, the built web app. */
  lib: string;
  /** Directory name of its cgroup root in every hierarchy. */
  cgroup: string;
  /** Root's. */
  agentSocket: string;
  /** The web process's, where sessions alone are good. */
  webSocket: string;
  supervisorSocket: string;
  /** The supervisor's, for clients that are attached to containers. */
  attachSocket: string;
  /** The credential that `local` commands need; root alone can read it. */
  localToken: string;
  /** Written by the web process's launcher: { url, pid }. */
  webInfo: string;
}

/** `/run/plimsoll` and `/var/lib/plimsoll`, or both under PLIMSOLL_ROOT, whose hash then names the cgroup root. */
export function stateRoot(environment: NodeJS.ProcessEnv = process.env): StateRoot {
  const moved = environment['PLIMSOLL_ROOT'];
  if (!moved) return layOut({ home: LIB, run: '/run/plimsoll', lib: LIB, cgroup: 'plimsoll' });
  if (!isAbsolute(moved)) throw new PlimsollError('bad-request', `PLIMSOLL_ROOT is "${moved}": it must be an absolute path`);
  const path = normalize(moved).replace(/\/+$/, '');
  // Loaded here: a command that needs no hash is 3 ms quicker without.
  const { createHash } = process.getBuiltinModule('node:crypto');
  const hash = createHash('sha256').update(path).digest('hex').slice(0, 8);
  return layOut({ home: path, run: join(path, 'run'), lib: join(path, 'lib'), cgroup: `plimsoll-${hash}` });
}

function layOut({ home, run, lib, cgroup }: Pick<StateRoot, 'home' | 'run' | 'lib' | 'cgroup'>): StateRoot {
  const supervisorSocket = join(run, 'supervisor.sock');
  if (Buffer.byteLength(supervisorSocket) > MAX_SOCKET_PATH_BYTES) {
    throw new PlimsollError('bad-request', `PLIMSOLL_ROOT is too long: ${supervisorSocket} must stay under 108 bytes (unix(7))`);
  }
  return {
    home,
    run,
    lib,
    cgroup,
    supervisorSocket,
    attachSocket: join(run, 'attach.sock'),
    agentSocket: join(run, 'agent.sock'),
    webSocket: join(run, 'web.sock'),
    localToken: join(run, 'local.token'),
    webInfo: join(run, 'web.json'),
  };
}
