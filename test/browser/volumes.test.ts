import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { openBrowser, type Browser } from '../support/browser.ts';
import { Stack } from '../support/stack.ts';

let stack: Stack;
let url: string;
let browser: Browser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  stack = new Stack();
  url = await stack.npmStart();
  browser = await openBrowser({ width: 1280, height: 900, colorScheme: 'light' });
  await (await browser.context.newPage()).goto(url);
});
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await stack?.[Symbol.asyncDispose]();
});
beforeEach(async () => {
  page = await browser.context.newPage();
  complaints = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
});
afterEach(async () => {
  expect(complaints, 'no script fails, and nothing is refused').toEqual([]);
  await page.close();
});

const visit = async (path: string) => await page.goto(new URL(path, url).href);
const button = (name: string): Locator => page.getByRole('button', { name, exact: true });
const row = (name: RegExp): Locator => page.getByRole('row', { name });

test('a volume is made by form, used by a container that is made by form, kept while it is used, and removed', async () => {
  await visit('/volumes');
  await page.getByText('No volumes yet').waitFor();
  await button('New volume').click();
  await page.getByLabel('Name').fill('not/a name');
  await button('Create volume').click();
  await page.getByRole('dialog').locator('[aria-invalid=true]').waitFor();
  await page.getByLabel('Name').fill('data');
  await button('Create volume').click();
  await row(/^data/).waitFor();
  expect(existsSync(join(stack.state.lib, 'volumes/data/data'))).toBe(true);

  await visit('/containers/new');
  await page.getByLabel('Name', { exact: true }).fill('writer');
  await page.getByLabel('Command').fill("sh -c 'id -u > /data/user; touch /x || touch /data/refused; exec sleep infinity'");
  await page.getByText('Volumes and isolation').click();
  await page.getByLabel('Volumes', { exact: true }).fill('data');
  await button('Create container').click();
  await page.getByText('write it as VOLUME:/where').first().waitFor();
  await page.getByLabel('Volumes', { exact: true }).fill('data:/data\nsecond:/second:ro');
  await page.getByLabel('User', { exact: true }).fill('0');
  await page.getByLabel('Capabilities', { exact: true }).fill('-ALL');
  await page.getByLabel('Clocks ahead').fill('86400');
  await page.getByLabel('Nothing of the image can be changed').check();
  await button('Create container').click();
  await page.getByRole('heading', { name: 'writer' }).waitFor();
  await expect.poll(() => existsSync(join(stack.state.lib, 'volumes/data/data/refused'))).toBe(true);
  expect(readFileSync(join(stack.state.lib, 'volumes/data/data/user'), 'utf8')).toBe('0\n');
  await page.getByRole('tab', { name: 'Details' }).click();
  await page.getByText('volume second, read-only').waitFor();
  const { pid } = JSON.parse((await stack.plimsoll('inspect', '--json', 'writer')).stdout) as { pid: number };
  expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/^CapBnd:\t0{16}$/m);
  expect(readFileSync(`/proc/${pid}/timens_offsets`, 'utf8')).toMatch(/^boottime\s+86400\s+0$/m);

  await page.getByRole('link', { name: 'Volumes' }).click();
  await row(/^second/).waitFor();
  await row(/^data/).getByRole('link', { name: 'writer' }).waitFor();
  expect(await button('Remove data').isDisabled(), 'nothing is taken from who uses it').toBe(true);
  expect((await stack.plimsoll('rm', '--force', 'writer')).code).toBe(0);
  await button('Remove data').and(page.locator(':enabled')).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click();
  await row(/^data/).waitFor({ state: 'detached' });
  expect(existsSync(join(stack.state.lib, 'volumes/data'))).toBe(false);
});

test('a container that is made by form shares the namespaces of another that were chosen', async () => {
  expect((await stack.plimsoll('run', '-d', '--name', 'db', '--', 'sleep', '4321')).code).toBe(0);
  await visit('/containers/new');
  await page.getByLabel('Name', { exact: true }).fill('sidecar');
  await page.getByLabel('Command').fill('sleep infinity');
  await page.getByText('Volumes and isolation').click();
  await page.getByLabel('Shares namespaces with').selectOption('db');
  await button('Create container').click();
  await page.getByText('Choose what is shared with it.').waitFor();
  await page.getByLabel('pid', { exact: true }).check();
  await button('Create container').click();
  await page.getByRole('heading', { name: 'sidecar' }).waitFor();
  await page.getByRole('tab', { name: 'Isolation' }).click();
  await page.getByText('6 of 8 are its own').waitFor();
  expect(await page.getByRole('region', { name: 'Namespaces', exact: true }).getByText('with db', { exact: true }).count()).toBe(
    2,
  );
});
