import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NAMESPACE_TYPES, namespacePath } from '@plimsoll/core';
import { NamespaceType } from '@plimsoll/protocol';
import type { Locator } from 'playwright-core';
import { expect, test } from 'vitest';
import { Dashboard } from '../support/dashboard.ts';
import { Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const dashboard = Dashboard.forTests();
const { stack } = dashboard;

const region = (name: string): Locator => dashboard.page.getByRole('region', { name, exact: true });

async function run(...args: string[]): Promise<{ id: string; pid: number }> {
  const id = await dashboard.run(...args);
  return { id, pid: await dashboard.pidOf(id) };
}

/** A line of /proc/<pid>/status. */
function statusOf(pid: number, field: string): string {
  return new RegExp(`^${field}:\\s*(.*)$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '';
}

const SETS = { CapEff: 'effective', CapPrm: 'permitted', CapInh: 'inheritable', CapBnd: 'bounding', CapAmb: 'ambient' };

/** The bits of each set, counted. */
function capabilitiesInShort(pid: number): string {
  return Object.entries(SETS)
    .map(
      ([field, set]) =>
        `${
          BigInt(`0x${statusOf(pid, field)}`)
            .toString(2)
            .replaceAll('0', '').length
        } ${set}`,
    )
    .join(' · ');
}

/** By type, of the process as the host has it. */
function inodes(pid: number): string[] {
  return NAMESPACE_TYPES.map((type) => /\d+/.exec(readlinkSync(namespacePath(pid, type)))?.[0] ?? '');
}

test('what isolates a container is told as the kernel has it, and what it sees beside what the host sees', async () => {
  const { id, pid } = await run('--name', 'db', '--hostname', 'inner', '--', 'sleep', 'infinity');
  await dashboard.visit(`/containers/${id}?tab=isolation`);
  await region('Namespaces').getByText('8 of 8 are its own').waitFor();
  for (const inode of inodes(pid)) await region('Namespaces').getByText(inode, { exact: true }).waitFor();

  const sees = dashboard.page.getByRole('table', { name: 'What the container sees, beside the host' });
  const cells = async (what: string) => await sees.getByRole('row', { name: what }).getByRole('cell').allInnerTexts();
  expect(await cells('Host name')).toEqual([
    expect.stringContaining('inner'),
    expect.stringContaining(readFileSync('/proc/sys/kernel/hostname', 'utf8').trim()),
  ]);
  expect(await cells('Its first process')).toEqual([expect.stringMatching(/\b1$/), expect.stringContaining(String(pid))]);
  const [, outside = ''] = readFileSync(`/proc/${pid}/uid_map`, 'utf8').trim().split(/\s+/);
  expect((await cells('It runs as'))[1]).toContain(`user ${outside},`);

  await region('Capabilities').getByText(capabilitiesInShort(pid), { exact: true }).waitFor();
  const bind = region('Capabilities').getByRole('row', { name: /^net_bind_service Listen on ports below 1024/i });
  expect(await bind.getByRole('cell').allTextContents()).toEqual(['yes', 'yes', 'yes', 'yes', 'no']);
  await region('Capabilities').getByText('sys_admin', { exact: true }).waitFor({ state: 'hidden' });
  await region('Capabilities').getByText('30 are dropped').click();
  await region('Capabilities').getByText('sys_admin', { exact: true }).waitFor();
  await region('Walls').getByText(`Root inside is ${outside} outside`).waitFor();
  expect([statusOf(pid, 'Seccomp'), statusOf(pid, 'NoNewPrivs')]).toEqual(['2', '1']);
  await region('Walls').getByText('filtered, by Plimsoll’s default profile').waitFor();
  const mounts = readFileSync(`/proc/${pid}/mountinfo`, 'utf8').trim().split('\n');
  const [, ...shown] = await region('Mounts').getByRole('row').all();
  const places = await Promise.all(shown.map(async (row) => await row.getByRole('cell').first().innerText()));
  expect(places).toEqual(mounts.map((line) => line.split(' ')[4] ?? '').toSorted((a, b) => (a < b ? -1 : Number(a > b))));
});

test('with whom a namespace is shared is told on both sides, and changes when the other starts and ends', async () => {
  const first = await run('--name', 'pod-a', '--', 'sleep', 'infinity');
  await dashboard.visit(`/containers/${first.id}?tab=isolation`);
  const network = region('Namespaces').getByRole('listitem').filter({ hasText: 'network' });
  await network.getByText('own', { exact: true }).waitFor();
  const second = await run('--name', 'pod-b', '--network', 'container:pod-a', '--', 'sleep', 'infinity');
  await network.getByText('with pod-b', { exact: true }).waitFor();
  const shared = NamespaceType.options.filter(
    (type) => readlinkSync(namespacePath(first.pid, type)) === readlinkSync(namespacePath(second.pid, type)),
  );
  expect(shared).toEqual(['network', 'user']);
  await region('Namespaces').getByText('6 of 8 are its own').waitFor();

  await dashboard.page.getByRole('link', { name: 'all of this host' }).click();
  const table = dashboard.page.getByRole('table', { name: 'Namespaces of the host and of each container' });
  const [rowOfFirst, rowOfSecond] = [table.getByRole('row', { name: /^pod-a/ }), table.getByRole('row', { name: /^pod-b/ })];
  await rowOfSecond.waitFor();
  const tints = async (row: Locator) =>
    await Promise.all((await row.getByRole('cell').all()).map(async (cell) => (await cell.getAttribute('style')) ?? ''));
  await expect.poll(() => rowOfFirst.getByText('with pod-b', { exact: true }).count()).toBe(shared.length);
  await expect.poll(() => rowOfSecond.getByText('with pod-a', { exact: true }).count()).toBe(shared.length);
  const ofFirst = await tints(rowOfFirst);
  expect(await tints(rowOfSecond)).toEqual(ofFirst);
  expect(NamespaceType.options.filter((_, i) => ofFirst[i] !== '')).toEqual(shared);

  expect((await stack.plimsoll('kill', 'pod-b')).code).toBe(0);
  await rowOfSecond.waitFor({ state: 'detached' });
  await expect.poll(() => rowOfFirst.getByText('own', { exact: true }).count()).toBe(NAMESPACE_TYPES.length);
});

test('a container that ends takes its isolation with it, and the next start shows its own', async () => {
  const { id, pid } = await run('--name', 'again', '--', 'sleep', 'infinity');
  await dashboard.visit(`/containers/${id}?tab=isolation`);
  await dashboard.page.getByText(`its first process, ${pid} on the host`).waitFor();
  expect((await stack.plimsoll('kill', 'again')).code).toBe(0);
  await dashboard.page.getByText('It is not running.').waitFor();
  await dashboard.page.getByRole('button', { name: 'Start' }).click();
  // The numbers of the namespaces that ended may be given again, the process is another.
  await region('Namespaces').waitFor();
  const next = await dashboard.pidOf(id);
  expect(next).not.toBe(pid);
  await dashboard.page.getByText(`its first process, ${next} on the host`).waitFor();
  for (const inode of inodes(next)) await region('Namespaces').getByText(inode, { exact: true }).waitFor();
});

test('the namespaces of the whole host, by container; one that starts comes by itself', async () => {
  await dashboard.visit('/kernel');
  await dashboard.page.getByRole('link', { name: 'Namespaces' }).click();
  const table = dashboard.page.getByRole('table', { name: 'Namespaces of the host and of each container' });
  const host = table.getByRole('row', { name: /^The host/ });
  for (const inode of inodes(process.pid)) await host.getByText(inode, { exact: true }).waitFor();

  const { pid } = await run('--name', 'latecomer', '--', 'sleep', 'infinity');
  const row = table.getByRole('row', { name: /^latecomer/ });
  for (const inode of inodes(pid)) await row.getByText(inode, { exact: true }).waitFor();
  await expect.poll(() => row.getByText('own', { exact: true }).count()).toBe(NAMESPACE_TYPES.length);
  await dashboard.page.getByLabel('Filter containers').fill('nothing has this name');
  await row.waitFor({ state: 'detached' });
});

test('what somebody else has made is below, beside the process that is in it', async () => {
  const stranger = spawn('unshare', ['--uts', '--ipc', 'sleep', 'infinity'], { stdio: 'ignore' });
  try {
    const pid = stranger.pid ?? 0;
    await until('unshare has executed sleep', () => readFileSync(`/proc/${pid}/comm`, 'utf8') === 'sleep\n');
    const ofHost = inodes(process.pid);
    const own = inodes(pid).filter((inode) => !ofHost.includes(inode));
    await dashboard.visit('/namespaces');
    const row = region('Other namespaces of this host').getByRole('row', { name: `sleep ${pid}` });
    for (const inode of own) await row.getByText(inode, { exact: true }).waitFor();
    expect([own.length, await row.getByRole('listitem').count()]).toEqual([2, 2]);
  } finally {
    stranger.kill('SIGKILL');
  }
});

test('a container that has the host’s ids for want of what the host’s file system can tells why', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'plim-ramfs-'));
  execFileSync('mount', ['-t', 'ramfs', 'ramfs', directory]);
  try {
    await using other = new Stack({ below: directory });
    await dashboard.page.goto(await other.npmStart());
    const { code, stdout, stderr } = await other.plimsoll('run', '-d', '--name', 'fallen', '--', 'sleep', 'infinity');
    expect(code, stderr).toBe(0);
    const { stdout: inspected } = await other.plimsoll('inspect', '--json', 'fallen');
    const { fallback, pid } = JSON.parse(inspected) as { fallback: string; pid: number };
    expect(readlinkSync(namespacePath(pid, 'user'))).toBe(readlinkSync(namespacePath(process.pid, 'user')));
    await dashboard.page.goto(new URL(`/containers/${stdout.trim()}?tab=isolation`, dashboard.page.url()).href);
    await region('Why it has no user namespace of its own').getByText(fallback).waitFor();
    await region('Namespaces').getByText('7 of 8 are its own').waitFor();
    await region('Walls').getByText('root inside is root outside').waitFor();
    // It would complain of the agent that ends.
    await dashboard.page.goto('about:blank');
  } finally {
    // Zygotes of the supervisor that was killed may hold its log for a moment.
    execFileSync('umount', ['--lazy', directory]);
    rmSync(directory, { recursive: true });
  }
});
