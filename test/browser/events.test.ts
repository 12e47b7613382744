import { readFile } from 'node:fs/promises';
import type { Locator } from 'playwright-core';
import { expect, test } from 'vitest';
import { Dashboard } from '../support/dashboard.ts';

const dashboard = Dashboard.forTests();

const row = (words: RegExp): Locator => dashboard.page.getByRole('row', { name: words });
const newest = (): Locator => dashboard.page.getByRole('row').nth(1);

test('events come by themselves, on top, and are held back from who reads further down', async () => {
  await dashboard.visit('/events');
  await row(/agent\.started/).waitFor();
  await dashboard.run('--name', 'web', '--', 'sh', '-c', 'exit 3');
  await row(/container\.exited web exited 3/).waitFor();
  await row(/command web container\.run .* root/).waitFor();

  // A reader of one event is not disturbed.
  await row(/container\.exited web/)
    .getByRole('button', { name: /^Details of event/ })
    .click();
  await dashboard.page.getByText('"exitCode": 3').waitFor();
  const { stdout } = await dashboard.stack.plimsoll('volume', 'create', 'held');
  expect(stdout).toBe('held\n');
  await dashboard.page.getByRole('button', { name: /^\d+ new events?$/ }).waitFor();
  expect(await row(/volume\.created held/).count()).toBe(0);
  await dashboard.page.getByRole('button', { name: /^\d+ new events?$/ }).click();
  await row(/volume\.created held/).waitFor();
  expect(await dashboard.page.getByText('"exitCode": 3').count()).toBe(0);

  await dashboard.page.setViewportSize({ width: 1280, height: 400 });
  const height = async () => (await row(/agent\.started/).boundingBox())?.y ?? 0;
  const before = await height();
  await dashboard.page.mouse.move(640, 300);
  await dashboard.page.mouse.wheel(0, 200);
  await expect.poll(height).toBe(before - 200);
  const scrolled = await height();
  expect((await dashboard.stack.plimsoll('volume', 'create', 'below')).code).toBe(0);
  await dashboard.page.getByRole('button', { name: /^\d+ new events?$/ }).waitFor();
  expect(await row(/volume\.created below/).count()).toBe(0);
  expect(await height()).toBe(scrolled);
  await dashboard.page.mouse.wheel(0, -2000);
  await row(/volume\.created below/).waitFor();
});

test('what a browser does is recorded with its session and address; a filter holds, and stands in the URL', async () => {
  await dashboard.visit('/volumes');
  await dashboard.button('New volume').click();
  await dashboard.page.getByLabel('Name').fill('by-web');
  await dashboard.button('Create volume').click();
  await row(/^by-web/).waitFor();
  await dashboard.page.getByRole('navigation').getByRole('link', { name: 'Events' }).click();
  await dashboard.page.getByLabel('Who', { exact: true }).selectOption('session');
  await dashboard.page.getByLabel('Kind', { exact: true }).selectOption('command');
  const created = row(/command by-web volume\.create session [0-9a-f]{8}/);
  await created.waitFor();
  await expect.poll(() => row(/root/).count()).toBe(0);
  expect(new URL(dashboard.page.url()).search).toBe('?kind=command&who=session');
  await created.getByRole('button').click();
  await dashboard.page.getByText('by web, from 127.0.0.1').waitFor();
  await created.getByRole('button').click();

  await dashboard.page.getByLabel('Text in events').fill('nothing of the kind');
  await dashboard.page.getByText('No event matches').waitFor();
  await dashboard.page.getByLabel('Text in events').fill('BY-WEB');
  await newest().and(created).waitFor();

  const [download] = await Promise.all([dashboard.page.waitForEvent('download'), dashboard.button('CSV').click()]);
  const csv = await readFile(await download.path(), 'utf8');
  expect(csv.trimEnd().split('\r\n')).toHaveLength(2);
  expect(csv).toMatch(/,command,volume,by-web,by-web,,session [0-9a-f]{8},web,127\.0\.0\.1,ok,/);
});

test('two filters that are chosen before the page has rendered the first both hold', async () => {
  await dashboard.visit('/events');
  await dashboard.page.evaluate(`
    for (const [label, value] of [['Who', 'session'], ['Kind', 'command']]) {
      const select = document.querySelector('select[aria-label="' + label + '"]');
      select.value = value;
      select.dispatchEvent(new Event('change', { bubbles: true }));
    }
  `);
  await expect.poll(() => new URL(dashboard.page.url()).search).toBe('?kind=command&who=session');
});
