import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { listLeftover } from '../../support/leftovers.ts';
import { clearCgroups } from '../../support/named-cgroups.ts';

/** Another engine, ready to run: its commands begin with these words. */
export interface Engine extends AsyncDisposable {
  name: string;
  version: string;
  /** Lists containers; runs `true` in one that is removed afterwards, without a network. */
  ps: string[];
  run: string[];
}

/** Where engines work: their files below `directory`, their cgroups beside `cgroup`, the files of `layers` as an image. */
export interface Ground {
  directory: string;
  cgroup: string;
  layers: readonly string[];
}

const IMAGE = 'bench';
const STARTED_WITHIN_MS = 30_000;

/** A docker daemon of our own, all of whose files are below `directory`. Null: docker is not installed, or does not come up. */
export async function docker({ directory, layers, cgroup }: Ground): Promise<Engine | null> {
  const [client, daemon] = [find('docker'), find('dockerd')];
  if (client === null || daemon === null) return null;
  const root = join(directory, 'docker');
  const parent = ownCgroup(`${cgroup}-docker`);
  mkdirSync(root);
  const socket = `unix://${join(root, 'docker.sock')}`;
  const log = openSync(join(root, 'log'), 'w');
  const server = spawn(
    daemon,
    [
      ...['--data-root', join(root, 'data'), '--exec-root', join(root, 'exec'), '--pidfile', join(root, 'pid'), '-H', socket],
      ...['--bridge', 'none', '--iptables=false', '--ip6tables=false'],
    ],
    { stdio: ['ignore', log, log] },
  );
  closeSync(log);
  const ended = once(server, 'exit');
  const end = async (): Promise<void> => {
    server.kill('SIGTERM');
    await ended;
  };
  const command = [client, '-H', socket];
  const deadline = performance.now() + STARTED_WITHIN_MS;
  while (!succeeds([...command, 'version'])) {
    if (server.exitCode !== null || performance.now() > deadline) {
      await end();
      return null;
    }
    await delay(200);
  }
  importImage([...command, 'import', '-', IMAGE], layers);
  return {
    name: 'docker',
    version: versionOf(client),
    ps: [...command, 'ps'],
    run: [...command, 'run', '--rm', '--network', 'none', '--cgroup-parent', `/${parent}`, IMAGE, 'true'],
    [Symbol.asyncDispose]: async () => {
      await end();
      clearCgroups(parent);
    },
  };
}

/** Podman with its own storage below `directory`, and runc, which takes every layout of cgroups. Null: it is not installed. */
export function podman({ directory, layers, cgroup }: Ground): Engine | null {
  const [client, runtime] = [find('podman'), find('runc')];
  if (client === null || runtime === null) return null;
  const root = join(directory, 'podman');
  const parent = ownCgroup(`${cgroup}-podman`);
  mkdirSync(root);
  const command = [
    client,
    ...['--root', join(root, 'storage'), '--runroot', join(root, 'run'), '--tmpdir', join(root, 'tmp')],
    ...['--cgroup-manager=cgroupfs', '--runtime', runtime, '--events-backend', 'none'],
  ];
  importImage([...command, 'import', '-', IMAGE], layers);
  return {
    name: 'podman',
    version: versionOf(client),
    ps: [...command, 'ps'],
    // Where hard limits cannot be raised, it fails with those that it has by default.
    run: [
      ...command,
      'run',
      '--rm',
      '--network',
      'none',
      '--ulimit',
      'nofile=1024:1024',
      '--ulimit',
      'nproc=1024:1024',
      '--cgroup-parent',
      `/${parent}`,
      IMAGE,
      'true',
    ],
    [Symbol.asyncDispose]: async () => {
      spawnSync(client, [...command.slice(1), 'system', 'reset', '--force']);
      clearCgroups(parent);
    },
  };
}

/** One of this benchmark's own, which goes with it, however it ends. */
function ownCgroup(name: string): string {
  listLeftover('cgroup', name);
  return name;
}

function find(program: string): string | null {
  const paths = ['/usr/local/bin', '/usr/bin', '/usr/sbin'].map((folder) => join(folder, program));
  return paths.find((path) => existsSync(path)) ?? null;
}

function versionOf(client: string): string {
  return /\d+\.\d+\.\d+/.exec(spawnSync(client, ['--version'], { encoding: 'utf8' }).stdout)?.[0] ?? '';
}

function succeeds([program = '', ...args]: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}

/** The files of our own image, in one layer. */
function importImage([program = '', ...args]: readonly string[], layers: readonly string[]): void {
  const tar = execFileSync('tar', ['-c', ...layers.toReversed().flatMap((layer) => ['-C', layer, '.'])], { maxBuffer: 2 ** 30 });
  execFileSync(program, args, { input: tar, stdio: ['pipe', 'ignore', 'inherit'] });
}
