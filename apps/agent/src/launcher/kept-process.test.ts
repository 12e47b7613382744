import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { KeptProcess } from './kept-process.ts';

let directory: string;
let said: string[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'plimsoll-kept-'));
  said = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    said.push(String(text));
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(directory, { recursive: true });
});

function keep(source: string, isDone: (ended: { code: number | null }) => boolean = () => false): KeptProcess {
  const script = join(directory, 'child.mjs');
  writeFileSync(script, source);
  return new KeptProcess({
    name: 'child',
    script,
    environment: () => ({ PLIMSOLL_RUNS: join(directory, 'runs') }),
    isDone: async (ended) => isDone(ended),
  });
}

/** Counts its runs in a file, then goes on as `rest` says, with `run` being 1, 2, … */
const counting = (rest: string) => `
  import { appendFileSync, readFileSync } from 'node:fs';
  appendFileSync(process.env.PLIMSOLL_RUNS, 'x');
  const run = readFileSync(process.env.PLIMSOLL_RUNS, 'utf8').length;
  ${rest}
`;
const runs = () => readFileSync(join(directory, 'runs'), 'utf8').length;

describe('KeptProcess', () => {
  it('tells what the child said when it was ready, and ends it', async () => {
    const child = keep('process.send({ ready: true, port: 7 }); setInterval(() => {}, 1000);');
    expect(await child.ready).toEqual({ ready: true, port: 7 });
    await child.stop();
  });

  it('starts a child again that ended unasked, and says so', async () => {
    const child = keep(
      counting('process.send({ ready: true }, () => process.exit(run === 1 ? 3 : 0));'),
      ({ code }) => code === 0,
    );
    await child.done;
    expect(runs()).toBe(2);
    expect(said.join('')).toContain('The child process ended (exit code 3): starting it again in 0.5 s.');
    expect(said.join('')).toContain('The child process is back.');
  });

  it('does not start a child again that was never ready', async () => {
    const child = keep(counting('process.exit(1);'));
    await expect(child.ready).rejects.toThrow('the child process ended before it was ready (exit code 1)');
    expect(runs()).toBe(1);
    await child.stop();
  });

  it('can be stopped while it waits to start again', async () => {
    const child = keep(counting('process.send({ ready: true }, () => process.kill(process.pid, "SIGKILL"));'));
    await child.ready;
    await vi.waitFor(() => expect(said.join('')).toContain('ended (SIGKILL)'));
    await child.stop();
    expect(runs()).toBe(1);
  });

  it('shows what the child complains of, not its routine, and nothing that steers a terminal', async () => {
    const child = keep(
      `
      console.log('listening');
      console.error('2026-01-01T00:00:00.000Z info routine');
      console.error('2026-01-01T00:00:00.000Z warn \\u001b[2J!');
      process.send({ ready: true });
      process.exitCode = 0;
      process.disconnect();
    `,
      () => true,
    );
    await child.done;
    expect(said).toEqual(['child | 2026-01-01T00:00:00.000Z warn \uFFFD[2J!\n']);
  });
});
