import { expect, test } from 'vitest';
import { Dashboard } from '../support/dashboard.ts';

const dashboard = Dashboard.forTests();

const charts = () => dashboard.page.getByRole('region', { name: 'Charts' });
const search = () => new URL(dashboard.page.url()).searchParams;
/** Of the cpu chart's line. */
const drawn = () => charts().getByRole('group', { name: 'Cpu over time' }).locator('.recharts-area-curve').count();

test('a container’s charts go back in time, a span is looked at by dragging over one, and Back comes back', async () => {
  const id = await dashboard.run('--name', 'burner', '--group', 'acme', '--cpus', '0.5', '--', 'sh', '-c', 'while :; do :; done');
  expect((await dashboard.stack.plimsoll('freeze', 'burner')).code).toBe(0);
  expect((await dashboard.stack.plimsoll('thaw', 'burner')).code).toBe(0);
  await dashboard.visit(`/containers/${id}`);
  await expect.poll(drawn).toBeGreaterThan(0);
  // The page was not there when it was frozen.
  await expect.poll(() => charts().locator('.recharts-reference-area').count()).toBeGreaterThan(0);

  await dashboard.button('1 h').click();
  await expect.poll(() => search().get('window')).toBe('1h');
  await expect.poll(() => charts().getAttribute('aria-busy')).toBe('false');
  await expect.poll(drawn).toBeGreaterThan(0);

  const plot = await charts().locator('[data-brush]').first().boundingBox();
  if (plot === null) throw new Error('there is no chart');
  await dashboard.page.mouse.move(plot.x + plot.width * 0.6, plot.y + 60);
  await dashboard.page.mouse.down();
  await dashboard.page.mouse.move(plot.x + plot.width, plot.y + 70, { steps: 4 });
  await dashboard.page.mouse.up();
  await charts().getByRole('group', { name: 'Span shown' }).waitFor();
  const span = () => Date.parse(search().get('to') ?? '') - Date.parse(search().get('from') ?? '');
  // From six tenths of the width, with its axis, to the end of an hour.
  expect(span()).toBeGreaterThan(1_000_000);
  expect(span()).toBeLessThan(3_600_000);
  await expect.poll(drawn).toBeGreaterThan(0);
  await charts().getByText('on average').first().waitFor();

  const chosen = span();
  await dashboard.button('Zoom out').click();
  await expect.poll(() => Math.round(span() / 1000)).toBe(Math.round((2 * chosen) / 1000));
  await dashboard.page.goBack();
  await expect.poll(span).toBe(chosen);
  await dashboard.button('Back to now').click();
  await expect.poll(() => search().get('from')).toBeNull();
});

test('a group’s charts go back in time; of what was never read there is nothing, in words', async () => {
  expect((await dashboard.stack.plimsoll('group', 'create', 'idle')).code).toBe(0);
  await dashboard.visit('/groups/acme?window=6h');
  await expect.poll(drawn).toBeGreaterThan(0);
  await dashboard.visit('/groups/idle?window=30d');
  await charts().getByText('Nothing was read in this time').waitFor();
});
