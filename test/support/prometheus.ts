import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { SLOWNESS } from './slowness.ts';
import { until } from './until.ts';

/** Installed, or where `npm test` puts it (scripts/lib/prometheus.mjs). */
const PLACES = ['/usr/bin', join(import.meta.dirname, '../../node_modules/.cache/plimsoll/prometheus')];
const PLACE = PLACES.find((place) => ['prometheus', 'promtool'].every((program) => existsSync(join(place, program))));
const START_DEADLINE_MS = 30_000 * SLOWNESS;
/** Between two scrapes; twice what the agent takes its readings for. */
export const SCRAPE_S = 2 * SLOWNESS;

/** Why there is no Prometheus to be scraped by; null: there is one. */
export const WITHOUT_PROMETHEUS = PLACE === undefined ? 'Debian’s prometheus was neither installed nor fetched' : null;

/** What `promtool check metrics` has against a text. '': nothing. */
export function objectionsTo(text: string): string {
  const { status, stdout, stderr } = spawnSync(join(PLACE ?? '', 'promtool'), ['check', 'metrics'], {
    input: text,
    encoding: 'utf8',
  });
  return `${stdout}${stderr}${status === 0 ? '' : `exit code ${status}`}`;
}

/** One series, and its last value. */
export interface Series {
  metric: Record<string, string>;
  value: number;
}

/** A Prometheus of a test's own on a free port of loopback, that scrapes one target. Disposing ends it and removes its data. */
export class Prometheus implements AsyncDisposable {
  readonly #directory = mkdtempSync(join(tmpdir(), 'plim-prometheus-'));
  #child: ChildProcess | null = null;
  #url = '';

  static async scraping(target: string): Promise<Prometheus> {
    const prometheus = new Prometheus();
    try {
      await prometheus.#start(target);
      return prometheus;
    } catch (error) {
      await prometheus[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** An instant query. Throws with Prometheus's own words where it does not take it. */
  async query(query: string): Promise<Series[]> {
    const response = await fetch(`${this.#url}/api/v1/query`, { method: 'POST', body: new URLSearchParams({ query }) });
    const answer = (await response.json()) as {
      error?: string;
      data?: { result: { metric: Record<string, string>; value: [number, string] }[] };
    };
    if (answer.data === undefined) throw new Error(`${query}: ${answer.error}`);
    return answer.data.result.map(({ metric, value: [, value] }) => ({ metric, value: Number(value) }));
  }

  async #start(target: string): Promise<void> {
    const [config, data] = [join(this.#directory, 'prometheus.yml'), join(this.#directory, 'data')];
    mkdirSync(data);
    writeFileSync(config, JSON.stringify(configurationFor(target)));
    const child = spawn(
      join(PLACE ?? '', 'prometheus'),
      [`--config.file=${config}`, `--storage.tsdb.path=${data}`, '--web.listen-address=127.0.0.1:0'],
      { cwd: this.#directory, env: { GOMAXPROCS: '1' }, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    this.#child = child;
    const deadline = setTimeout(() => child.kill('SIGKILL'), START_DEADLINE_MS);
    const said: string[] = [];
    // To its end, so that the pipe never fills.
    const listening = Promise.withResolvers<string>();
    createInterface({ input: child.stderr })
      .on('line', (line) => {
        said.push(line);
        const address = /msg="Listening on" address=(\S+)/.exec(line)?.[1];
        if (address !== undefined) listening.resolve(address);
      })
      .on('close', () => listening.reject(new Error(`Prometheus ended at its start:\n${said.join('\n')}`)));
    this.#url = `http://${await listening.promise.finally(() => clearTimeout(deadline))}`;
    // It listens before it has its database, and answers nothing but 503 until then.
    await until('Prometheus is ready', async () => (await fetch(`${this.#url}/-/ready`)).ok);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const child = this.#child;
    if (child !== null && child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** JSON is YAML. */
function configurationFor(target: string): object {
  return {
    global: { scrape_interval: `${SCRAPE_S}s`, scrape_timeout: `${SCRAPE_S}s` },
    scrape_configs: [{ job_name: 'plimsoll', static_configs: [{ targets: [target] }] }],
  };
}
