import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { openBrowser } from '../support/browser.ts';
import { Stack } from '../support/stack.ts';

const PICTURES = process.env['PLIMSOLL_PICTURES'] ?? join(import.meta.dirname, '../results');
mkdirSync(PICTURES, { recursive: true });

/** Busy for a while, then idle, over and over: `busy` and `idle` in hundredths of a second. */
const waves = (busy: number, idle: number) =>
  `while :; do e=$(($(cut -d. -f1 /proc/uptime | tr -d ' ') + ${busy})); while [ $(cut -d. -f1 /proc/uptime) -lt $e ]; do :; done; sleep ${idle}; done`;

const WORKLOADS = [
  [
    '--name',
    'web-1',
    '--group',
    'acme/web',
    '--cpus',
    '0.3',
    '--memory',
    '128m',
    '--pids',
    '64',
    '--',
    'sh',
    '-c',
    `echo listening on :8080; ${waves(3, 2)}`,
  ],
  ['--name', 'web-2', '--group', 'acme/web', '--cpus', '0.3', '--memory', '128m', '--', 'sh', '-c', waves(2, 4)],
  [
    '--name',
    'reports',
    '--group',
    'acme/batch',
    '--cpus',
    '0.2',
    '--memory',
    '48m',
    '--',
    'sh',
    '-c',
    'head -c 30m /dev/zero | tail -c 30m | sleep 600',
  ],
  [
    '--name',
    'db',
    '--group',
    'shared',
    '--cpus',
    '1',
    '--memory',
    '256m',
    '--',
    'sh',
    '-c',
    'head -c 96m /dev/zero | tail -c 96m | sleep 600',
  ],
  ['--name', 'cache', '--group', 'shared', '--memory', '64m', '-v', 'data:/var/cache', '--', 'sleep', '600'],
];

const SIZES = [
  { width: 390, height: 844, colorScheme: 'light' },
  { width: 1280, height: 800, colorScheme: 'dark' },
  { width: 1920, height: 1080, colorScheme: 'light' },
] as const;

test('every page, narrow and wide, dark and light: nothing overflows, nothing is refused, no script fails', async () => {
  await using stack = new Stack();
  await stack.npmStart();
  const group = ['group', 'create', '--name', 'Acme Corporation', '--cpus', '1.5', '--memory', '512m', 'acme'];
  expect((await stack.plimsoll(...group)).code).toBe(0);
  const rule = [
    'alert',
    'create',
    '--metric',
    'memory-share',
    '--above',
    '99%',
    '--webhook',
    'https://example.com/hook',
    'nearly-full',
  ];
  expect((await stack.plimsoll(...rule)).code).toBe(0);
  for (const workload of WORKLOADS) expect((await stack.plimsoll('run', '-d', ...workload)).code).toBe(0);
  expect(
    (
      await stack.plimsoll(
        'run',
        '--name',
        'migrate',
        '--group',
        'acme/batch',
        '--',
        'sh',
        '-c',
        'echo no such table >&2; exit 3',
      )
    ).code,
  ).toBe(3);
  expect((await stack.plimsoll('freeze', 'web-2')).code).toBe(0);
  expect((await stack.plimsoll('group', 'freeze', 'acme/batch')).code).toBe(0);
  // Pictures for people show some history.
  if (process.env['PLIMSOLL_PICTURES'] !== undefined) await delay(50_000);
  const id = (JSON.parse((await stack.plimsoll('inspect', '--json', 'web-1')).stdout) as { id: string }).id;

  for (const size of SIZES) {
    await using browser = await openBrowser(size);
    const page = await browser.context.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto((await stack.plimsoll('url')).stdout.trim());
    const { origin } = new URL(page.url());
    const visit = async (path: string, name: string, ready: (page: Page) => Promise<unknown>) => {
      await page.goto(origin + path);
      await ready(page);
      await page.screenshot({ path: join(PICTURES, `${name}-${size.width}-${size.colorScheme}.png`) });
      const tooWide = await page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
      expect(tooWide, `${path} scrolls sideways at ${size.width}`).toBeLessThanOrEqual(0);
    };
    // A figure beside a name says that live numbers have come.
    const live = (text: RegExp) => (shown: Page) => shown.getByText(text).first().waitFor();
    await visit('/containers', 'containers', async (shown) => {
      await shown.getByRole('link', { name: 'web-1' }).waitFor();
      await live(/\d (?:KiB|MiB)/)(shown);
    });
    await visit(`/containers/${id}`, 'container', async (shown) => {
      await live(/[\d.]+\s*cpus/)(shown);
      // It has run for seconds by now: a clock that begins at nothing would say 0 s first.
      expect(await shown.getByText(/^Running for/).innerText()).not.toContain(' 0 s');
    });
    await page.getByRole('tab', { name: 'How it was made' }).click();
    await page.getByText('pivot_root').first().waitFor();
    await page.screenshot({ path: join(PICTURES, `birth-${size.width}-${size.colorScheme}.png`) });
    await visit(`/containers/${id}?tab=limits`, 'limits', (shown) => shown.getByRole('form', { name: 'Limits' }).waitFor());
    await visit(`/containers/${id}?tab=isolation`, 'isolation', (shown) => shown.getByText('8 of 8 are its own').waitFor());
    await visit('/groups', 'groups', async (shown) => {
      await shown.getByRole('link', { name: 'Acme Corporation' }).waitFor();
      await live(/\d (?:KiB|MiB)/)(shown);
    });
    await visit('/groups/acme', 'group', async (shown) => {
      await live(/[\d.]+\s*cpus/)(shown);
      await shown.getByRole('link', { name: 'web-1' }).waitFor();
    });
    await visit('/kernel', 'kernel', async (shown) => {
      await shown.getByRole('row', { name: /acme/ }).first().waitFor();
      await live(/\d (?:KiB|MiB)/)(shown);
    });
    await visit(`/kernel/${stack.state.cgroup}/acme/web/${id}`, 'cgroup', async (shown) => {
      await shown.getByRole('link', { name: 'web-1' }).waitFor();
      await shown.getByRole('cell', { name: 'sh', exact: true }).first().waitFor();
    });
    await visit('/namespaces', 'namespaces', (shown) => shown.getByRole('row', { name: /^web-1/ }).waitFor());
    await visit('/containers/new', 'create', (shown) => shown.getByLabel('Command').waitFor());
    await visit('/images', 'images', (shown) => shown.getByText('base').first().waitFor());
    await visit('/volumes', 'volumes', (shown) => shown.getByRole('row', { name: /^data/ }).waitFor());
    await visit('/alerts', 'alerts', (shown) => shown.getByRole('switch', { name: 'Rule nearly-full' }).waitFor());
    await visit('/host', 'host', (shown) => shown.getByText('hybrid').or(shown.getByText('v2')).first().waitFor());
    expect(complaints).toEqual([]);
  }
});

test('without a session there is nothing to see', async () => {
  await using stack = new Stack();
  const { origin } = new URL(await stack.npmStart());
  expect((await fetch(`${origin}/health`)).status).toBe(200);
  expect((await fetch(`${origin}/containers`, { redirect: 'manual' })).headers.get('location')).toContain('/sign-in');
  expect((await fetch(`${origin}/socket.io/?EIO=4&transport=polling`)).status).toBe(401);
  expect((await fetch(`${origin}/sign-in?token=not-a-token`, { redirect: 'manual' })).headers.get('set-cookie')).toBeNull();
  expect((await fetch(origin, { headers: { origin: 'http://elsewhere.example' }, redirect: 'manual' })).status).toBe(403);
});
