import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext } from 'playwright-core';

const EXECUTABLE = '/usr/bin/chromium';

const ACTION_DEADLINE_MS = 90_000;

/** Debian's chromium, as root and without a network of its own beyond this machine. */
const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface Browser extends AsyncDisposable {
  context: BrowserContext;
}

/** A browser with an empty profile, which is deleted with it. */
export async function openBrowser(options: {
  width: number;
  height: number;
  colorScheme: 'dark' | 'light';
  ignoreHTTPSErrors?: boolean;
}): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 'plim-browser-'));
  const { width, height, colorScheme, ignoreHTTPSErrors = false } = options;
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: EXECUTABLE,
    args: ARGUMENTS,
    viewport: { width, height },
    colorScheme,
    ignoreHTTPSErrors,
    reducedMotion: 'reduce',
  });
  // A busy machine takes its time for a page.
  context.setDefaultTimeout(ACTION_DEADLINE_MS);
  return {
    context,
    async [Symbol.asyncDispose]() {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}
