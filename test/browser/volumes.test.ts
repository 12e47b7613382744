import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import { expect, test } from 'vitest';
import { Dashboard } from '../support/dashboard.ts';

const dashboard = Dashboard.forTests();
const { stack } = dashboard;

const row = (name: RegExp): Locator => dashboard.page.getByRole('row', { name });

test('a volume is made by form, used by a container that is made by form, kept while it is used, and removed', async () => {
  await dashboard.visit('/volumes');
  await dashboard.page.getByText('No volumes yet').waitFor();
  await dashboard.button('New volume').click();
  await dashboard.page.getByLabel('Name').fill('not/a name');
  await dashboard.button('Create volume').click();
  await dashboard.page.getByRole('dialog').locator('[aria-invalid=true]').waitFor();
  await dashboard.page.getByLabel('Name').fill('data');
  await dashboard.button('Create volume').click();
  await row(/^data/).waitFor();
  expect(existsSync(join(stack.state.lib, 'volumes/data/data'))).toBe(true);

  await dashboard.visit('/containers/new');
  await dashboard.page.getByLabel('Name', { exact: true }).fill('writer');
  await dashboard.page
    .getByLabel('Command')
    .fill("sh -c 'id -u > /data/user; touch /x || touch /data/refused; exec sleep infinity'");
  await dashboard.page.getByText('Volumes and isolation').click();
  for (const at of [1, 2, 3]) {
    await dashboard.button('Add a volume').click();
    await dashboard.page.getByLabel(`Volume ${at}`, { exact: true }).waitFor();
  }
  await dashboard.page.getByLabel('Volume 2', { exact: true }).fill('data');
  await dashboard.page.getByLabel('Volume 3', { exact: true }).fill('second');
  await dashboard.page.locator('datalist option', { hasText: /^data$/ }).waitFor({ state: 'attached' });
  await dashboard.button('Create container').click();
  // The empty row is gone.
  await dashboard.page
    .getByLabel('Volume 1: where in the container')
    .and(dashboard.page.locator('[aria-invalid=true]'))
    .waitFor();
  expect(await dashboard.page.getByText('Expected an absolute path.').count()).toBe(2);
  await dashboard.button('Add a volume').click();
  await dashboard.button('Take away volume 3').click();
  await dashboard.page.getByText('Expected an absolute path.').first().waitFor({ state: 'detached' });
  await dashboard.page.getByLabel('Volume 1: where in the container').fill('/data');
  await dashboard.page.getByLabel('Volume 2: where in the container').fill('/second');
  await dashboard.page.getByLabel('Volume 2: read-only').check();
  await dashboard.page.getByLabel('User', { exact: true }).fill('0');
  await dashboard.page.getByLabel('Capabilities', { exact: true }).fill('-ALL');
  await dashboard.page.getByLabel('Clocks ahead').fill('86400');
  await dashboard.page.getByLabel('Nothing of the image can be changed').check();
  await dashboard.button('Create container').click();
  await dashboard.page.getByRole('heading', { name: 'writer' }).waitFor();
  await expect.poll(() => existsSync(join(stack.state.lib, 'volumes/data/data/refused'))).toBe(true);
  expect(readFileSync(join(stack.state.lib, 'volumes/data/data/user'), 'utf8')).toBe('0\n');
  await dashboard.page.getByRole('tab', { name: 'Details' }).click();
  await dashboard.page.getByText('volume second, read-only').getByRole('link', { name: 'second' }).waitFor();
  const pid = await dashboard.pidOf('writer');
  expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/^CapBnd:\t0{16}$/m);
  expect(readFileSync(`/proc/${pid}/timens_offsets`, 'utf8')).toMatch(/^boottime\s+86400\s+0$/m);

  await dashboard.page.getByRole('navigation').getByRole('link', { name: 'Volumes' }).click();
  await row(/^second/).waitFor();
  await row(/^data/).getByRole('link', { name: 'writer' }).waitFor();
  expect(await dashboard.button('Remove data').isDisabled(), 'nothing is taken from who uses it').toBe(true);
  const written = row(/^data/).getByText('MiB');
  expect(await written.count()).toBe(0);
  writeFileSync(join(stack.state.lib, 'volumes/data/data/large'), Buffer.alloc(2 ** 21, 1));
  await written.waitFor();
  expect((await stack.plimsoll('rm', '--force', 'writer')).code).toBe(0);
  await dashboard.button('Remove data').and(dashboard.page.locator(':enabled')).click();
  await dashboard.page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click();
  await row(/^data/).waitFor({ state: 'detached' });
  expect(existsSync(join(stack.state.lib, 'volumes/data'))).toBe(false);
});

test('a volume that a container came to use while its removal was asked about is kept, and that is told', async () => {
  expect((await stack.plimsoll('volume', 'create', 'late')).code).toBe(0);
  await dashboard.visit('/volumes');
  await dashboard.button('Remove late').click();
  await dashboard.page.getByRole('alertdialog').getByText('cannot be brought back').waitFor();
  await dashboard.run('--name', 'user', '-v', 'late:/late', '--', 'sleep', 'infinity');
  await dashboard.page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click();
  await dashboard.page
    .getByLabel('Notifications')
    .getByText('Could not remove volume late: volume "late" is in use by user')
    .waitFor();
  await row(/^late/).getByRole('link', { name: 'user' }).waitFor();
  expect(existsSync(join(stack.state.lib, 'volumes/late/data'))).toBe(true);
});

test('a container that is made by form shares the namespaces of another that were chosen', async () => {
  await dashboard.run('--name', 'db', '--', 'sleep', '4321');
  await dashboard.visit('/containers/new');
  await dashboard.page.getByLabel('Name', { exact: true }).fill('sidecar');
  await dashboard.page.getByLabel('Command').fill('sleep infinity');
  await dashboard.page.getByText('Volumes and isolation').click();
  await dashboard.page.getByLabel('Shares namespaces with').selectOption('db');
  await dashboard.button('Create container').click();
  await dashboard.page.getByText('Choose what is shared with it.').waitFor();
  await dashboard.page.getByLabel('pid', { exact: true }).check();
  await dashboard.button('Create container').click();
  await dashboard.page.getByRole('heading', { name: 'sidecar' }).waitFor();
  await dashboard.page.getByRole('tab', { name: 'Isolation' }).click();
  await dashboard.page.getByText('6 of 8 are its own').waitFor();
  expect(
    await dashboard.page.getByRole('region', { name: 'Namespaces', exact: true }).getByText('with db', { exact: true }).count(),
  ).toBe(2);
});
