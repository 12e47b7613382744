import type { Locator } from 'playwright-core';
import { expect, test } from 'vitest';
import { Dashboard } from '../support/dashboard.ts';
import { ForeignCgroups } from '../support/foreign-cgroups.ts';
import { cpusInForce, isFrozenNow, memoryLimitBytes, readUnified } from '../support/kernel-files.ts';

const MIB = 1024 ** 2;

const dashboard = Dashboard.forTests();
const { stack } = dashboard;

const dialog = (): Locator => dashboard.page.getByRole('alertdialog');

const run = async (...args: string[]) => await dashboard.run(...args);

test('a group is made by form, frozen with all that is in it by one click, thawed, and killed as one', async () => {
  await dashboard.visit('/groups');
  await dashboard.button('New group').click();
  await dashboard.page.getByLabel('Path').fill('Acme');
  await dashboard.button('Create group').click();
  await dashboard.page.getByText('Use lower-case letters').waitFor();
  await dashboard.page.getByLabel('Path').fill('acme');
  await dashboard.page.getByLabel('Display name').fill('Acme Corporation');
  await dashboard.page.getByLabel('Memory limit', { exact: true }).fill('256m');
  await dashboard.button('Create group').click();
  const row = dashboard.page.getByRole('row', { name: /Acme Corporation/ });
  await row.waitFor();
  expect(memoryLimitBytes(stack.cgroup('acme'))).toBe(256 * MIB);

  const id = await run('--name', 'web-1', '--group', 'acme/web', '--', 'sleep', 'infinity');
  await run('--name', 'web-2', '--group', 'acme/web', '--', 'sleep', 'infinity');
  await run('--name', 'db', '--group', 'acme', '--', 'sleep', 'infinity');
  await row.getByText('3 / 3').waitFor();
  // The group's own figure, and no sum: three processes.
  await expect.poll(async () => await row.innerText()).toMatch(/^3$/m);

  const inner = dashboard.page.getByRole('row', { name: /group acme\/web/ });
  await inner.waitFor();
  await row.focus();
  await dashboard.page.keyboard.press('ArrowLeft');
  await inner.waitFor({ state: 'detached' });
  await dashboard.page.keyboard.press('ArrowRight');
  await dashboard.page.keyboard.press('ArrowDown');
  expect(await dashboard.page.evaluate('document.activeElement?.getAttribute("aria-level")'), 'walked into it').toBe('2');

  await dashboard.button('Freeze group acme').click();
  await dashboard.button('Thaw group acme').waitFor();
  expect(isFrozenNow(stack.cgroup('acme')), 'the page says frozen only when the kernel does').toBe(true);
  await dashboard.page.getByRole('row', { name: /frozen by acme/ }).waitFor();
  await dashboard.page.getByRole('link', { name: 'Acme Corporation' }).click();
  await expect
    .poll(() => dashboard.page.getByText('frozen by group').count(), { message: 'each container says what holds it' })
    .toBe(3);

  await dashboard.page.getByRole('link', { name: 'web-1' }).click();
  await dashboard.page.getByText(/^Frozen for .* by its group acme\./).waitFor();
  await dashboard.button('Thaw').click();
  await dialog().getByText('nothing of it runs before the group is thawed').waitFor();
  await dialog().getByRole('button', { name: 'Cancel' }).click();
  expect(isFrozenNow(stack.cgroup(`acme/web/${id}`)), 'an explanation thaws nothing').toBe(true);
  await dashboard.button('Thaw').click();
  await dialog().getByRole('button', { name: 'Thaw group acme' }).click();
  await dashboard.button('Freeze').waitFor();
  expect(isFrozenNow(stack.cgroup(`acme/web/${id}`))).toBe(false);

  await dashboard.page.getByRole('link', { name: 'acme/web' }).click();
  await dashboard.page.getByRole('navigation', { name: 'Where it is' }).getByRole('link', { name: 'acme' }).click();
  await dashboard.page.getByText('3 of 3 containers running').waitFor();
  const actions = dashboard.page.getByRole('toolbar', { name: 'Actions' });
  await actions.getByRole('button', { name: 'Kill' }).click();
  await dialog().getByText('Kill 3 containers in group acme?').waitFor();
  await dialog().getByRole('button', { name: 'Kill' }).click();
  await dashboard.page.getByText('0 of 3 containers running').waitFor();
  expect(readUnified(stack.cgroup('acme'), 'cgroup.events')).toContain('populated 0');

  await actions.getByRole('button', { name: 'Remove' }).click();
  await dialog().getByRole('button', { name: 'Remove' }).click();
  await dialog().getByRole('button', { name: 'Remove 3 containers and 1 group' }).click();
  await dashboard.page.getByText('This group has been removed.').waitFor();
  expect((await stack.plimsoll('inspect', 'db')).code).toBe(1);
});

test('a limit is changed in a form that shows the kernel’s answer; one that cannot be changes nothing', async () => {
  const id = await run('--name', 'limited', '--memory', '64m', '--', 'sleep', 'infinity');
  const cgroup = stack.cgroup(`default/${id}`);
  await dashboard.visit(`/containers/${id}?tab=limits`);
  const form = dashboard.page.getByRole('form', { name: 'Limits' });
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
  await dashboard.visit('/containers');
  await dashboard.page.getByText('Live', { exact: true }).waitFor();
  const script = 'head -c 40m /dev/zero | tail -c 40m; sleep infinity';
  await run('--name', 'hungry', '--memory', '16m', '--', 'sh', '-c', script);
  await dashboard.page.getByText('hungry: out of memory').waitFor();
  await dashboard.page.getByRole('row', { name: /hungry.*out of memory, in the last 5 minutes/ }).waitFor();
  await dashboard.page.getByRole('link', { name: 'hungry' }).last().click();
  await dashboard.page.getByRole('tab', { name: /Events/ }).click();
  const told = dashboard.page.getByRole('tabpanel').getByText(/out-of-memory killer ended/);
  await expect.poll(() => told.count()).toBeGreaterThan(0);
});

test('the kernel page shows the host’s tree, refuses what is guarded, and freezes another’s cgroup once its path is typed', async () => {
  await using foreign = new ForeignCgroups();
  const path = foreign.make('inner', ['v2']);
  foreign.start(path, ['v2']);
  const frozen = () => foreign.read('v2', path, 'cgroup.events').includes('frozen 1');

  await dashboard.visit('/kernel?root');
  const shown = dashboard.page.getByRole('region', { name: 'Cgroup /' });
  await shown.getByText(/can be neither frozen nor killed from here/).waitFor();
  expect(await shown.getByRole('button', { name: 'Kill' }).getAttribute('aria-disabled')).toBe('true');
  await shown.getByRole('button', { name: 'Kill' }).click({ force: true });
  expect(await dialog().count(), 'what is guarded is not even asked about').toBe(0);

  await dashboard.page.getByLabel('Filter cgroups').fill(foreign.root);
  await dashboard.page.getByRole('link', { name: 'inner' }).click();
  const inner = dashboard.page.getByRole('region', { name: `Cgroup ${path}` });
  await inner.getByRole('cell', { name: 'sleep', exact: true }).waitFor();
  await dashboard.button('Freeze').click();
  const confirm = dialog().getByRole('button', { name: 'Freeze' });
  await dialog().getByRole('textbox').fill(path.slice(0, -1));
  expect(await confirm.isDisabled(), 'not before all of it is typed').toBe(true);
  expect(frozen()).toBe(false);
  await dialog().getByRole('textbox').fill(path);
  await confirm.click();
  await dashboard.button('Thaw').waitFor();
  expect(frozen()).toBe(true);

  await dashboard.button('Thaw').click();
  await dialog().getByRole('textbox').fill(path);
  await dialog().getByRole('button', { name: 'Thaw' }).click();
  await dashboard.button('Freeze').waitFor();
  expect(frozen()).toBe(false);
});
