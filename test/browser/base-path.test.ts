import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, type Browser } from '../support/browser.ts';
import { Stack } from '../support/stack.ts';
import { BROWSER, TlsProxy } from '../support/tls-proxy.ts';

const owned = new AsyncDisposableStack();
let stack: Stack;
let proxy: TlsProxy;
let browser: Browser;
let link: URL;

beforeAll(async () => {
  proxy = owned.use(await TlsProxy.open());
  stack = owned.use(new Stack());
  Object.assign(stack.environment, {
    PLIMSOLL_BASE_PATH: '/tools/plimsoll/',
    PLIMSOLL_PROXIES: '127.0.0.1',
    PLIMSOLL_HOSTS: proxy.host,
  });
  link = new URL(await stack.npmStart());
  proxy.target = Number(link.port);
  browser = owned.use(await openBrowser({ width: 1280, height: 900, colorScheme: 'light', ignoreHTTPSErrors: true }));
});
afterAll(async () => await owned.disposeAsync());

const live = (page: Page) => page.getByRole('status').getByText('Live', { exact: true }).waitFor();
const address = (page: Page): string => new URL(page.url()).pathname;

test('behind a TLS proxy and below a path: signing in, a live chart, links, tabs, a deep page again, and signing out', async () => {
  const page = await browser.context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  const requested = new Set<string>();
  page.on('request', (request) => requested.add(new URL(request.url()).pathname));
  expect(link.pathname).toBe('/tools/plimsoll/sign-in');
  const { stdout } = await stack.plimsoll('run', '-d', '--name', 'busy', '--', 'sh', '-c', 'while :; do sleep 0.1; done');
  const id = stdout.trim();

  await page.goto(`https://${proxy.host}${link.pathname}${link.search}`);
  await live(page);
  expect(address(page)).toBe('/tools/plimsoll/containers');
  const cookies = await browser.context.cookies();
  expect(cookies.find(({ name }) => name === `__Secure-plimsoll_session_${link.port}`)).toMatchObject({
    ...{ path: '/tools/plimsoll', secure: true, httpOnly: true, sameSite: 'Strict' },
  });

  await page.getByRole('link', { name: 'busy' }).click();
  await page.waitForURL(`**/tools/plimsoll/containers/${id}`);
  const chart = page.locator('svg path[d*="L"], canvas').first();
  await chart.waitFor();
  const before = await page.locator('main').innerHTML();
  await expect.poll(async () => await page.locator('main').innerHTML()).not.toBe(before);
  await page.getByRole('tab', { name: 'Isolation' }).click();
  expect(address(page)).toBe(`/tools/plimsoll/containers/${id}`);
  await page.reload();
  await live(page);
  expect(page.url()).toContain(`/tools/plimsoll/containers/${id}?tab=isolation`);

  for (const place of ['Groups', 'Images', 'Volumes', 'Events', 'Alerts', 'Host', 'Kernel']) {
    await page.getByRole('navigation').getByRole('link', { name: place }).click();
    await page.waitForURL(`**/tools/plimsoll/${place.toLowerCase()}`);
  }
  await page.getByRole('treegrid').getByRole('link').nth(1).click();
  await page.waitForURL(/\/tools\/plimsoll\/kernel\/./);
  await page.reload();
  await live(page);
  await page.getByRole('button', { name: /^Colours:/ }).click();
  expect((await browser.context.cookies()).find(({ name }) => name.includes('theme'))?.path).toMatch(/^\/tools\/plimsoll/);

  expect([...requested].filter((path) => !path.startsWith('/tools/plimsoll'))).toEqual([]);
  expect(complaints).toEqual([]);
  const { stdout: events } = await stack.plimsoll('events', '--since', '1h', '--json');
  expect(events).toContain(`"address":"${BROWSER}"`);
  expect(events).not.toContain('"address":"127.0.0.1"');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByText('You are signed out.').waitFor();
  expect(address(page)).toBe('/tools/plimsoll/sign-in');
});

test('an address that a browser says of itself does not count, and other hosts and paths are refused', async () => {
  const { request } = browser.context;
  const url = (path: string): string => `https://${proxy.host}/tools/plimsoll${path}`;
  await request.get(url('/sign-in?token=wrong'), { headers: { 'x-forwarded-for': '203.0.113.9' }, maxRedirects: 0 });
  const refused = async (): Promise<string> => (await stack.plimsoll('events', '--since', '1h', '--json')).stdout;
  await expect.poll(refused).toContain('session.refused');
  expect(await refused()).not.toContain('203.0.113.9');
  expect(
    (await request.get(`http://127.0.0.1:${link.port}/tools/plimsoll/sign-in`, { headers: { host: 'evil.example' } })).status(),
  ).toBe(403);
  expect((await request.get(`https://${proxy.host}/containers`)).status()).toBe(404);
});

test('an address without a page is a page as the others are', async () => {
  const page = await browser.context.newPage();
  await page.goto(new URL(`/tools/plimsoll/sign-in?token=${await newToken()}`, `https://${proxy.host}`).href);
  const complaints: string[] = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  await page.goto(`https://${proxy.host}/tools/plimsoll/no/such/page`);
  await page.getByRole('heading', { name: 'There is nothing here' }).waitFor();
  expect(complaints).toEqual(['Failed to load resource: the server responded with a status of 404 (Not Found)']);
  await page.getByRole('link', { name: 'All containers' }).click();
  await live(page);
  expect(address(page)).toBe('/tools/plimsoll/containers');
});

async function newToken(): Promise<string> {
  return (await (await stack.client()).command('session.invite', {})).token;
}
