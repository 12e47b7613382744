import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Dashboard } from '../support/dashboard.ts';
import { until } from '../support/until.ts';

const dashboard = Dashboard.forTests();

test('a state file that was damaged is reported on every page, until that is dismissed', async () => {
  const { stack } = dashboard;
  const id = await dashboard.run('--name', 'goes-on', '--', 'sleep', 'infinity');
  const pid = await dashboard.pidOf('goes-on');
  const agentPid = async (): Promise<number> => {
    const { stdout } = await stack.plimsoll('doctor', '--json');
    return stdout === '' ? 0 : (JSON.parse(stdout) as { agentPid: number }).agentPid;
  };
  const before = await agentPid();
  writeFileSync(join(stack.state.lib, 'images/names.json'), '{"version":1,"na');
  process.kill(before, 'SIGKILL');
  await until('another agent is there', async () => ![0, before].includes(await agentPid()));

  await dashboard.visit('/containers');
  const warning = dashboard.page.getByRole('listitem').filter({ hasText: 'The list of images was damaged at' });
  await warning.getByText(/names\.json\.damaged-\d+/).waitFor();
  await dashboard.visit('/events');
  await warning.waitFor();
  await dashboard.page.getByText('store.damaged').or(dashboard.page.getByText('names were restored')).first().waitFor();
  expect(await dashboard.pidOf(id)).toBe(pid);
  await until('the launcher tells of it', () => stack.output.includes('a state file was damaged'));
  await dashboard.button('Dismiss').click();
  await warning.waitFor({ state: 'detached' });
  await dashboard.visit('/images');
  await dashboard.page.getByRole('cell', { name: 'base', exact: true }).or(dashboard.page.getByText('base')).first().waitFor();
  expect(await warning.count()).toBe(0);
});
