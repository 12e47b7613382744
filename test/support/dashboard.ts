import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { openBrowser, type Browser } from './browser.ts';
import { Stack } from './stack.ts';

/**
 * What a file of browser tests has: a Plimsoll by npm start, a browser that is signed in, and for each test a page of its own
 * on which no script may fail and nothing be refused.
 */
export class Dashboard {
  readonly stack = new Stack();
  page!: Page;
  #url = '';
  #browser: Browser | undefined;
  #complaints: string[] = [];

  /** To be called once, at the top of the file. */
  static forTests(): Dashboard {
    const dashboard = new Dashboard();
    beforeAll(async () => await dashboard.#open());
    afterAll(async () => {
      await dashboard.#browser?.[Symbol.asyncDispose]();
      await dashboard.stack[Symbol.asyncDispose]();
    });
    beforeEach(async () => await dashboard.#turnPage());
    afterEach(async () => {
      expect(dashboard.#complaints, 'no script fails, and nothing is refused').toEqual([]);
      await dashboard.page.close();
    });
    return dashboard;
  }

  /** Resolves when the page is live: what is done to it before may be lost. */
  async visit(path: string): Promise<void> {
    await this.page.goto(new URL(path, this.#url).href);
    await this.page.getByRole('status').getByText('Live', { exact: true }).waitFor();
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  /** A detached container. Returns its id. */
  async run(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.stack.plimsoll('run', '-d', ...args);
    expect(code, stderr).toBe(0);
    return stdout.trim();
  }

  /** Of a running container's first process, on the host. */
  async pidOf(container: string): Promise<number> {
    const { pid } = JSON.parse((await this.stack.plimsoll('inspect', '--json', container)).stdout) as { pid: number };
    return pid;
  }

  async #open(): Promise<void> {
    this.#url = await this.stack.npmStart();
    this.#browser = await openBrowser({ width: 1280, height: 900, colorScheme: 'light' });
    await (await this.#browser.context.newPage()).goto(this.#url);
  }

  async #turnPage(): Promise<void> {
    if (this.#browser === undefined) throw new Error('there is no browser');
    this.page = await this.#browser.context.newPage();
    this.#complaints = [];
    this.page.on('console', (message) => message.type() === 'error' && this.#complaints.push(message.text()));
    this.page.on('pageerror', (error) => this.#complaints.push(String(error)));
  }
}
