import type { Locator } from 'playwright-core';
import { expect, test } from 'vitest';
import { Dashboard } from '../support/dashboard.ts';

const dashboard = Dashboard.forTests();

const row = (name: RegExp): Locator => dashboard.page.getByRole('row', { name });
const part = (name: RegExp): Locator => dashboard.page.getByRole('region', { name });
const link = (): Locator => dashboard.page.getByRole('navigation').getByRole('link', { name: 'Alerts' });

test('a rule that is made by form fires, is told of on another page, counted until it is seen, and is over', async () => {
  await dashboard.run('--name', 'burner', '--', 'sh', '-c', 'while :; do :; done');
  await dashboard.visit('/alerts');
  await dashboard.page.getByText('No alert rules yet').waitFor();
  await dashboard.button('New rule').click();
  await dashboard.button('Create rule').click();
  const dialog = dashboard.page.getByRole('dialog');
  await expect.poll(() => dialog.locator('[aria-invalid=true]').count()).toBe(2);
  await dashboard.page.getByLabel('Name').fill('Too busy');
  await dashboard.page.getByLabel('Of', { exact: true }).selectOption('container:burner');
  await dashboard.page.getByLabel('Above (cores)').fill('0.05');
  await dashboard.page.getByLabel('For', { exact: true }).selectOption('a single sample');
  await dialog.getByText('Fires for cpu of burner above 0.05 cores.').waitFor();
  await dashboard.page.getByLabel('Webhook').fill('http://127.0.0.1:9/hook');
  await dashboard.button('Generate').click();
  expect(await dashboard.page.getByLabel('Secret').inputValue()).toMatch(/^[\w-]{43}$/);
  await dashboard.button('Create rule').click();
  await dialog.getByText('127.0.0.1 is a loopback address: no webhook may go there.').waitFor();
  await dashboard.page.getByLabel('Webhook').fill('');
  await dashboard.button('Create rule').click();

  await row(/Too busy cpu of burner above 0\.05 cores/i).waitFor();
  await part(/^Fires now/)
    .getByText('burner')
    .waitFor();
  await link().getByText('1 not seen yet').waitFor();
  await dashboard.page.getByRole('button', { name: 'Acknowledge Too busy' }).click();
  await link().getByText('1 not seen yet').waitFor({ state: 'detached' });
  expect((await dashboard.stack.plimsoll('freeze', 'burner')).code).toBe(0);
  await part(/^Has fired/)
    .getByText('fell again')
    .waitFor();

  await dashboard.page.getByRole('navigation').getByRole('link', { name: 'Volumes' }).click();
  expect((await dashboard.stack.plimsoll('thaw', 'burner')).code).toBe(0);
  const notice = dashboard.page.getByLabel('Notifications').getByText('Alert: Too busy');
  await notice.waitFor();
  await notice.getByRole('link').click();
  await part(/^Fires now/).waitFor();

  await dashboard.page.getByRole('switch', { name: 'Rule Too busy' }).press('Space');
  await dashboard.page.getByRole('switch', { name: 'Rule Too busy', checked: false }).waitFor();
  await part(/^Fires now/).waitFor({ state: 'detached' });
  await dashboard.button('Acknowledge all').click();
  await dashboard.button('Acknowledge all').waitFor({ state: 'detached' });
  await dashboard.button('Remove Too busy').click();
  await dashboard.page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click();
  await dashboard.page.getByText('No alert rules yet').waitFor();
});

test('a rule about events is made of what was chosen', async () => {
  await dashboard.visit('/alerts');
  await dashboard.button('New rule').click();
  await dashboard.page.getByLabel('Name').fill('Ended');
  await dashboard.button('Something happens').click();
  await dashboard.button('Out of memory').click();
  await dashboard.button('Create rule').click();
  await dashboard.page.getByText('Name at least one kind of event.').waitFor();
  await dashboard.button('Exited').click();
  await dashboard.button('Create rule').click();
  await row(/Ended Exited none/).waitFor();
  await dashboard.run('--name', 'short', '--', 'sh', '-c', 'exit 3');
  await part(/^Has fired/)
    .getByText('exited 3')
    .waitFor();
  await dashboard.visit('/events');
  await row(/alert\.fired Ended short: exited 3/).waitFor();
  expect(await row(/alert\.fired Ended/).count()).toBe(1);
});
