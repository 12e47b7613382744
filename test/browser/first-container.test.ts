import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { openBrowser } from '../support/browser.ts';
import { cpuQuota, cpuUsageNs, isFrozenNow, readUnified } from '../support/kernel-files.ts';
import { Stack } from '../support/stack.ts';

const PICTURES = process.env['PLIMSOLL_PICTURES'] ?? join(import.meta.dirname, '../results');
mkdirSync(PICTURES, { recursive: true });

/** What `plimsoll inspect` says: the truth that the pages are held against. */
interface Inspected {
  id: string;
  state: string;
  cpuUsageNs: number;
  exitCode: number | null;
}

test('npm start leads to a container made by form, that burns, freezes, thaws and dies by click', async () => {
  await using stack = new Stack();
  const url = await stack.npmStart();
  await using browser = await openBrowser({ width: 1280, height: 900, colorScheme: 'dark' });
  const page = await browser.context.newPage();
  const elsewhere = requestsElsewhere(page, new URL(url).origin);
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));

  await page.goto(url);
  expect(page.url(), 'the token does not stay in the address').not.toContain('token');
  expect(await page.evaluate<string>('document.cookie'), 'no script can read the session').toBe('');
  await picture(page, 'empty');

  await page.getByRole('link', { name: 'New container' }).first().click();
  await page.getByLabel('Name', { exact: true }).fill('burner');
  await page.getByLabel('Command').fill(`sh -c 'while :; do :; done'`);
  await page.getByLabel('CPU limit').fill('0.5');
  await page.getByLabel('Memory limit', { exact: true }).fill('64m');
  await page.getByLabel('Process limit').fill('16');
  await picture(page, 'create');
  await page.getByRole('button', { name: 'Create container' }).click();
  await page.waitForURL(/\/containers\/[0-9a-f]{16}/);

  const inspect = async () => JSON.parse((await stack.plimsoll('inspect', '--json', 'burner')).stdout) as Inspected;
  const { id } = await inspect();
  const frozenByKernel = () => isFrozenNow(stack.cgroup(`default/${id}`));
  expect(cpuQuota(stack.cgroup(`default/${id}`)), 'the limit of the form').toEqual({ quotaUs: 50_000, periodUs: 100_000 });
  const cpuByKernel = () => cpuUsageNs(stack.cgroup(`default/${id}`));

  /** Whether the page shows what the kernel has counted since the last look, which is up to half a cpu. */
  let [lookedAt, counted] = [performance.now(), cpuByKernel()];
  const isAsCounted = async (shown: () => Promise<number>) => {
    const cores = await shown();
    const [time, usage] = [performance.now(), cpuByKernel()];
    const ratio = cores / (Number(usage - counted) / (time - lookedAt) / 1e6);
    [lookedAt, counted] = [time, usage];
    return ratio > 0.75 && ratio < 1.33 && cores < 0.62;
  };
  const ofPage = () => shownCores(page);
  await expect.poll(() => isAsCounted(ofPage), { interval: 1500 }).toBe(true);
  await expect.poll(() => plottedPoints(page), { message: 'the cpu chart rises' }).toBeGreaterThan(4);
  await picture(page, 'running');

  await page.getByRole('button', { name: 'Freeze', exact: true }).click();
  await page.getByRole('button', { name: 'Thaw', exact: true }).waitFor();
  expect(frozenByKernel(), 'the page says frozen only when the kernel does').toBe(true);
  const cpuFrozen = cpuByKernel();
  await expect.poll(ofPage).toBe(0);
  expect(cpuByKernel(), 'not a nanosecond while frozen').toBe(cpuFrozen);
  expect((await inspect()).state).toBe('frozen');
  await picture(page, 'frozen');

  await page.getByRole('button', { name: 'Thaw', exact: true }).click();
  await page.getByRole('button', { name: 'Freeze', exact: true }).waitFor();
  expect(frozenByKernel()).toBe(false);
  await expect.poll(() => isAsCounted(ofPage), { interval: 1500 }).toBe(true);

  await page.goto(new URL('/containers', url).href);
  await page.getByRole('link', { name: 'burner' }).waitFor();
  const inTable = async () =>
    Number(/\b0\.\d+/.exec(await page.getByRole('row', { name: /burner/ }).innerText())?.[0] ?? Number.NaN);
  await expect.poll(() => isAsCounted(inTable), { interval: 1500 }).toBe(true);
  await picture(page, 'table');
  await page.getByRole('link', { name: 'burner' }).click();

  await page.getByRole('button', { name: 'Kill', exact: true }).click();
  await page.getByRole('dialog').or(page.getByRole('alertdialog')).getByRole('button', { name: /^Kill/ }).click();
  await expect.poll(async () => (await inspect()).state).toBe('exited');
  const ended = await inspect();
  expect(ended.exitCode).toBe(137);
  expect(BigInt(ended.cpuUsageNs) > cpuFrozen).toBe(true);
  await page
    .getByText(/SIGKILL/)
    .first()
    .waitFor();
  await picture(page, 'killed');

  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await page
    .getByRole('dialog')
    .or(page.getByRole('alertdialog'))
    .getByRole('button', { name: /^Remove/ })
    .click();
  await page.getByText('has been removed').first().waitFor();
  expect((await stack.plimsoll('inspect', 'burner')).code).toBe(1);

  expect(elsewhere, 'nothing is asked of another origin').toEqual([]);
  expect(errors).toEqual([]);
});

test('containers go on when npm start is interrupted, and the next one takes them up', async () => {
  await using stack = new Stack();
  await stack.npmStart();
  const made = await stack.plimsoll('run', '-d', '--name', 'goes-on', '--', 'sleep', 'infinity');
  expect(made.code).toBe(0);
  const said = await stack.interrupt();
  expect(said).toMatch(/`(?:npx )?plimsoll shutdown`/);
  expect(readUnified(stack.cgroup(`default/${made.stdout.trim()}`), 'cgroup.events')).toContain('populated 1');
  const url = await stack.npmStart();
  expect(stack.output).toMatch(/1 container/);
  await using browser = await openBrowser({ width: 390, height: 844, colorScheme: 'light' });
  const page = await browser.context.newPage();
  await page.goto(url);
  await page.getByRole('link', { name: 'goes-on' }).first().waitFor();
  await picture(page, 'narrow-light');
});

/** The cpu chart, with its figure of this moment above it. */
function cpuChart(page: Page): Locator {
  return page.getByRole('figure').filter({ has: page.getByRole('heading', { name: 'Cpu', exact: true }) });
}

async function shownCores(page: Page): Promise<number> {
  const text = await cpuChart(page).innerText();
  return Number.parseFloat(/([\d.]+)\s*cpus/.exec(text)?.[1] ?? 'NaN');
}

/** Points of the cpu chart's outline that lie above its floor. */
async function plottedPoints(page: Page): Promise<number> {
  const d = await cpuChart(page).locator('path.recharts-area-area').first().getAttribute('d');
  const heights = [...(d ?? '').matchAll(/[ML]\s*[\d.]+,([\d.]+)/g)].map(([, y]) => Number(y));
  const floor = Math.max(...heights);
  return heights.filter((y) => y < floor - 1).length;
}

async function picture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(PICTURES, `${name}.png`) });
}

function requestsElsewhere(page: Page, origin: string): string[] {
  const found: string[] = [];
  page.on('request', (request) => {
    const asked = new URL(request.url());
    if (asked.protocol !== 'data:' && asked.protocol !== 'blob:' && asked.host !== new URL(origin).host) {
      found.push(request.url());
    }
  });
  return found;
}
