import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { discoverCgroupLayout, readClocks } from '@plimsoll/core';
import { GuardedEmitter } from '@plimsoll/core/guarded';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LedgerRecord } from '../../supervisor/ledger-record.ts';
import { recordClock } from '../clock/record-clock.ts';
import { EventLog } from '../events/event-log.ts';
import { Registry } from '../registry.ts';
import { Sampler } from '../sampling/sampler.ts';
import { ScriptedReader } from '../sampling/scripted-reader.fixture.ts';
import type { SupervisorLink } from '../supervisor-link.ts';
import { Metering } from './metering.ts';

const HOST = '00000000-0000-4000-8000-000000000000';
const NEVER_MS = 1e9;
const DEADLINE_MS = 30_000;

/** A connection to a supervisor that has no records, and whose answers a test may hold back or refuse. */
class Link extends GuardedEmitter<{ ledger: [LedgerRecord]; connected: [] }> {
  readonly connected = true;
  readonly requests: string[] = [];
  answer: (verb: string) => Promise<LedgerRecord[]> = async () => await Promise.resolve([]);

  async request(verb: string): Promise<LedgerRecord[]> {
    this.requests.push(verb);
    return await this.answer(verb);
  }
}

let directory: string;
let owned: AsyncDisposableStack;
let link: Link;
let metering: Metering;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'plim-metering-'));
  owned = new AsyncDisposableStack();
  const events = owned.use(await EventLog.open(join(directory, 'events.db'), { ageMs: 1e15, rows: 1e6 }, HOST));
  const clock = recordClock(events, () => readClocks());
  const sampler = owned.use(new Sampler(() => new ScriptedReader(), NEVER_MS));
  link = new Link();
  metering = owned.use(
    new Metering({
      ...{ lib: directory, host: HOST, registry: new Registry(), sampler, clock, sampleMs: NEVER_MS },
      ...{ supervisor: link as unknown as SupervisorLink, layout: discoverCgroupLayout() },
      retention: { minutesMs: 1e12, hoursMs: 1e12, daysMs: 1e12 },
    }),
  );
});
afterEach(async () => {
  await owned.disposeAsync();
  rmSync(directory, { recursive: true });
});

test('a ledger that takes the place of another while that is compared is compared as well', async () => {
  const held = Promise.withResolvers<LedgerRecord[]>();
  link.answer = async (verb) => await (verb === 'pastRecords' ? held.promise : Promise.resolve([]));
  link.emit('connected');
  await expect.poll(() => link.requests, { timeout: DEADLINE_MS }).toEqual(['ledgerRecords', 'pastRecords']);
  metering.rebuilt();
  held.resolve([]);
  await metering.readAll();
  expect(link.requests).toEqual(['ledgerRecords', 'pastRecords', 'ledgerRecords', 'pastRecords']);
  link.emit('connected');
  await metering.readAll();
  expect(link.requests.slice(4)).toEqual(['ledgerRecords']);
});

test('a comparison with the records of the supervisor that fails is tried again', async () => {
  link.answer = async () => await Promise.reject(new Error('the journal was rewritten each time that it was read'));
  link.emit('connected');
  await metering.readAll();
  expect(link.requests).toEqual(['ledgerRecords']);
  link.answer = async () => await Promise.resolve([]);
  await expect.poll(() => link.requests, { timeout: DEADLINE_MS }).toEqual(['ledgerRecords', 'ledgerRecords', 'pastRecords']);
});
