import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { openBrowser, type Browser } from '../support/browser.ts';
import { ForeignCgroups } from '../support/foreign-cgroups.ts';
import { cpusInForce, isFrozenNow, memoryLimitBytes, readUnified } from '../support/kernel-files.ts';
import { Stack } from '../support/stack.ts';

const MIB = 1024 ** 2;

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
const dialog = (): Locator => page.getByRole('alertdialog');

async function run(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await stack.plimsoll('run', '-d', ...args);
  expect(code, stderr).toBe(0);
  return stdout.trim();
}

test('a group is made by form, frozen with all that is in it by one click, thawed, and killed as one', async () => {
  await visit('/groups');
  await button('New group').click();
  await page.getByLabel('Path').fill('Acme');
  await button('Create group').click();
  await page.getByText('Use lower-case letters').waitFor();
  await page.getByLabel('Path').fill('acme');
  await page.getByLabel('Display name').fill('Acme Corporation');
  await page.getByLabel('Memory limit', { exact: true }).fill('256m');
  await button('Create group').click();
  const row = page.getByRole('row', { name: /Acme Corporation/ });
  await row.waitFor();
  expect(memoryLimitBytes(stack.cgroup('acme'))).toBe(256 * MIB);

  const id = await run('--name', 'web-1', '--group', 'acme/web', '--', 'sleep', 'infinity');
  await run('--name', 'web-2', '--group', 'acme/web', '--', 'sleep', 'infinity');
  await run('--name', 'db', '--group', 'acme', '--', 'sleep', 'infinity');
  await row.getByText('3 / 3').waitFor();
  // The group's own figure, and no sum: three processes.
  await expect.poll(async () => await row.innerText()).toMatch(/^3$/m);

  const inner = page.getByRole('row', { name: /group acme\/web/ });
  await inner.waitFor();
  await row.focus();
  await page.keyboard.press('ArrowLeft');
  await inner.waitFor({ state: 'detached' });
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowDown');
  expect(await page.evaluate('document.activeElement?.getAttribute("aria-level")'), 'walked into it').toBe('2');

  await button('Freeze group acme').click();
  await button('Thaw group acme').waitFor();
  expect(isFrozenNow(stack.cgroup('acme')), 'the page says frozen only when the kernel does').toBe(true);
  await page.getByRole('row', { name: /frozen by acme/ }).waitFor();
  await page.getByRole('link', { name: 'Acme Corporation' }).click();
  await expect.poll(() => page.getByText('frozen by group').count(), { message: 'each container says what holds it' }).toBe(3);

  await page.getByRole('link', { name: 'web-1' }).click();
  await page.getByText(/^Frozen for .* by its group acme\./).waitFor();
  await button('Thaw').click();
  await dialog().getByText('nothing of it runs before the group is thawed').waitFor();
  await dialog().getByRole('button', { name: 'Cancel' }).click();
  expect(isFrozenNow(stack.cgroup(`acme/web/${id}`)), 'an explanation thaws nothing').toBe(true);
  await button('Thaw').click();
  await dialog().getByRole('button', { name: 'Thaw group acme' }).click();
  await button('Freeze').waitFor();
  expect(isFrozenNow(stack.cgroup(`acme/web/${id}`))).toBe(false);

  await page.getByRole('link', { name: 'acme/web' }).click();
  await page.getByRole('navigation', { name: 'Where it is' }).getByRole('link', { name: 'acme' }).click();
  await page.getByText('3 of 3 containers running').waitFor();
  const actions = page.getByRole('toolbar', { name: 'Actions' });
  await actions.getByRole('button', { name: 'Kill' }).click();
  await dialog().getByText('Kill 3 containers in group acme?').waitFor();
  await dialog().getByRole('button', { name: 'Kill' }).click();
  await page.getByText('0 of 3 containers running').waitFor();
  expect(readUnified(stack.cgroup('acme'), 'cgroup.events')).toContain('populated 0');

  await actions.getByRole('button', { name: 'Remove' }).click();
  await dialog().getByRole('button', { name: 'Remove' }).click();
  await dialog().getByRole('button', { name: 'Remove 3 containers and 1 group' }).click();
  await page.getByText('This group has been removed.').waitFor();
  expect((await stack.plimsoll('inspect', 'db')).code).toBe(1);
});

test('a limit is changed in a form that shows the kernel’s answer; one that cannot be changes nothing', async () => {
  const id = await run('--name', 'limited', '--memory', '64m', '--', 'sleep', 'infinity');
  const cgroup = stack.cgroup(`default/${id}`);
  await visit(`/containers/${id}?tab=limits`);
  const form = page.getByRole('form', { name: 'Limits' });
  const memory = form.getByLabel('Memory limit', { exact: true });
  await memory.fill('128m');
  await form.getByRole('button', { name: 'Apply' }).click();
  await form.getByText(`reads ${128 * MIB}`).waitFor();
  expect(memoryLimitBytes(cgroup)).toBe(128 * MIB);

  const cpus = cpusInForce(cgroup);
  await memory.fill('96m');
  await form.getByLabel('Only on cpus').fill('8000');
  await form.getByRole('button', { name: 'Apply' }).click();
  await form.getByText(/the kernel refuses .* Nothing was changed/).waitFor();
  expect([memoryLimitBytes(cgroup), cpusInForce(cgroup)]).toEqual([128 * MIB, cpus]);
  await form.getByRole('button', { name: 'Undo' }).click();
  expect(await memory.inputValue()).toBe('128m');

  await memory.fill('');
  await form.getByRole('button', { name: 'Apply' }).click();
  await form.getByText('each file was read again').waitFor();
  expect(memoryLimitBytes(cgroup)).toBeNull();
});

test('an out-of-memory kill shows up at once: as a notice, in the table, and on the container’s page', async () => {
  await visit('/containers');
  await page.getByText('Live', { exact: true }).waitFor();
  const script = 'head -c 40m /dev/zero | tail -c 40m; sleep infinity';
  await run('--name', 'hungry', '--memory', '16m', '--', 'sh', '-c', script);
  await page.getByText('hungry: out of memory').waitFor();
  await page.getByRole('row', { name: /hungry.*out of memory, in the last 5 minutes/ }).waitFor();
  await page.getByRole('link', { name: 'hungry' }).last().click();
  await page.getByRole('tab', { name: /Events/ }).click();
  const told = page.getByRole('tabpanel').getByText(/out-of-memory killer ended/);
  await expect.poll(() => told.count()).toBeGreaterThan(0);
});

test('the kernel page shows the host’s tree, refuses what is guarded, and freezes another’s cgroup once its path is typed', async () => {
  await using foreign = new ForeignCgroups();
  const path = foreign.make('inner', ['v2']);
  foreign.start(path, ['v2']);
  const frozen = () => foreign.read('v2', path, 'cgroup.events').includes('frozen 1');

  await visit('/kernel?root');
  const shown = page.getByRole('region', { name: 'Cgroup /' });
  await shown.getByText(/can be neither frozen nor killed from here/).waitFor();
  expect(await shown.getByRole('button', { name: 'Kill' }).getAttribute('aria-disabled')).toBe('true');
  await shown.getByRole('button', { name: 'Kill' }).click({ force: true });
  expect(await dialog().count(), 'what is guarded is not even asked about').toBe(0);

  await page.getByLabel('Filter cgroups').fill(foreign.root);
  await page.getByRole('link', { name: 'inner' }).click();
  await page.getByRole('cell', { name: 'sleep', exact: true }).waitFor();
  await button('Freeze').click();
  const confirm = dialog().getByRole('button', { name: 'Freeze' });
  await dialog().getByRole('textbox').fill(path.slice(0, -1));
  expect(await confirm.isDisabled(), 'not before all of it is typed').toBe(true);
  expect(frozen()).toBe(false);
  await dialog().getByRole('textbox').fill(path);
  await confirm.click();
  await button('Thaw').waitFor();
  expect(frozen()).toBe(true);

  await button('Thaw').click();
  await dialog().getByRole('textbox').fill(path);
  await dialog().getByRole('button', { name: 'Thaw' }).click();
  await button('Freeze').waitFor();
  expect(frozen()).toBe(false);
});
