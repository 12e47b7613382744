import { rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, type Browser } from '../support/browser.ts';
import { allocate, SmallDisk } from '../support/small-disk.ts';
import { Stack } from '../support/stack.ts';

const disk = SmallDisk.make(2 * 1024 ** 3);
let stack: Stack | undefined;
let browser: Browser | undefined;
let page: Page;
let url = '';

beforeAll(async () => {
  if (disk === null) return;
  stack = new Stack({ below: disk.path });
  stack.environment['PLIMSOLL_DISK_LOW'] = '80';
  stack.environment['PLIMSOLL_STORAGE_SIZE'] = '1g';
  url = await stack.npmStart();
  browser = await openBrowser({ width: 1280, height: 800, colorScheme: 'light' });
  page = await browser.context.newPage();
  await page.goto(url);
});
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]();
  await stack?.[Symbol.asyncDispose]();
  disk?.[Symbol.dispose]();
});

const visit = async (path: string) => void (await page.goto(new URL(path, url).href));

/** A file with which a little more than the setting allows is used. */
function fill(path: string): string {
  const { blocks, bfree, bavail, bsize } = statfsSync(path);
  const used = blocks - bfree;
  const ballast = join(path, 'ballast');
  allocate(ballast, Math.floor(0.85 * (used + bavail) - used) * bsize);
  return ballast;
}

test.skipIf(disk === null)('a file system that is nearly full is named on every page until there is room', async () => {
  const path = disk?.path ?? '';
  await page.getByRole('heading', { name: 'Containers', exact: true }).waitFor();
  const ballast = fill(path);
  const banner = page.getByRole('status', { name: 'File systems' });
  await banner.getByText(path).waitFor();
  expect(await banner.textContent()).toMatch(/disk nearly full: .* of .* used/);
  await banner.getByRole('link', { name: 'Host' }).click();
  const part = page.getByRole('region', { name: 'File systems' });
  await part.getByText('nearly full').waitFor();
  expect(await part.textContent()).toContain(`${path} ext4, with lib, run, images, volumes:`);
  await visit('/alerts');
  await page
    .getByRole('region', { name: /^Fires now/ })
    .getByText(path)
    .waitFor();
  rmSync(ballast);
  await banner.getByText(path).waitFor({ state: 'detached' });
});

test.skipIf(disk === null)(
  'without project quotas the form says why a storage limit cannot be had, and the host that none is enforced',
  async () => {
    await visit('/containers/new');
    await page.getByText('Soft memory limit, swap, storage').click();
    // The form learns it with the host's report.
    await page.getByText(/Not on this host: project quotas/).waitFor();
    expect(await page.getByLabel('Storage limit').isDisabled()).toBe(true);
    await visit('/host');
    await page
      .getByRole('region', { name: 'Missing here' })
      .getByText(/PLIMSOLL_STORAGE_SIZE \(1 GiB\) is not enforced/)
      .waitFor();
  },
);
