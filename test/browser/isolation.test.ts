import { readFileSync, readlinkSync } from 'node:fs';
import { NAMESPACE_TYPES, namespacePath } from '@plimsoll/core';
import type { Locator } from 'playwright-core';
import { expect, test } from 'vitest';
import { Dashboard } from '../support/dashboard.ts';

const dashboard = Dashboard.forTests();
const { stack } = dashboard;

const region = (name: string): Locator => dashboard.page.getByRole('region', { name, exact: true });

async function run(...args: string[]): Promise<{ id: string; pid: number }> {
  const id = await dashboard.run(...args);
  return { id, pid: await dashboard.pidOf(id) };
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

  await region('Capabilities').getByText('net_bind_service', { exact: true }).waitFor();
  await region('Capabilities').getByText('sys_admin', { exact: true }).waitFor({ state: 'hidden' });
  await region('Capabilities').getByText('30 are dropped').click();
  await region('Capabilities').getByText('sys_admin', { exact: true }).waitFor();
  await region('Walls').getByText(`Root inside is ${outside} outside`).waitFor();
  await region('Walls').getByText('filtered, by Plimsoll’s default profile').waitFor();
  const mounts = readFileSync(`/proc/${pid}/mountinfo`, 'utf8').trim().split('\n');
  // One more is the heading.
  expect(await region('Mounts').getByRole('row').count()).toBe(mounts.length + 1);
});

test('a container that ends takes its isolation with it, and the next start shows its own', async () => {
  const { id, pid } = await run('--name', 'again', '--', 'sleep', 'infinity');
  await dashboard.visit(`/containers/${id}?tab=isolation`);
  const [, ofPids = ''] = inodes(pid);
  await region('Namespaces').getByText(ofPids, { exact: true }).waitFor();
  expect((await stack.plimsoll('kill', 'again')).code).toBe(0);
  await dashboard.page.getByText('It is not running.').waitFor();
  await dashboard.page.getByRole('button', { name: 'Start' }).click();
  await region('Namespaces').waitFor();
  await region('Namespaces').getByText(ofPids, { exact: true }).waitFor({ state: 'detached' });
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
  expect(await row.getByText('own', { exact: true }).count()).toBe(NAMESPACE_TYPES.length);
  await dashboard.page.getByLabel('Filter containers').fill('nothing has this name');
  await row.waitFor({ state: 'detached' });
});
