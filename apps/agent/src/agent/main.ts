import { flushCompileCache } from 'node:module';
import { logFaultsWith } from '@plimsoll/core/guarded';
import { CgroupSampler, discoverCgroupLayout } from '@plimsoll/core';
import { errorInWords, PlimsollError } from '@plimsoll/protocol';
import { startAgent } from './agent.ts';
import { readConfiguration } from './configuration.ts';
import { log } from './log.ts';

logFaultsWith((what, error) => log('error', what, { error }));
// An error of a log without a listener would end the process: its disk may be full, or the launcher that reads it has ended.
process.stderr.on('error', () => {});

async function main(): Promise<void> {
  const asked = Promise.withResolvers<string>();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => asked.resolve(signal));

  const configuration = readConfiguration();
  const layout = discoverCgroupLayout();
  await using agent = await startAgent(configuration, {
    layout,
    newReader: (cgroups) => new CgroupSampler(layout, { areComplete: cgroups === 'own' }),
  });
  agent.ready.then(() => {
    log('info', 'the agent is ready', { socket: configuration.state.agentSocket });
    process.send?.({ ready: true });
    flushCompileCache();
  }, asked.reject);
  const reason = await Promise.race([asked.promise, agent.shutDown.then(() => 'shutdown')]);
  log('info', 'the agent ends', { reason });
}

/**
 * What no boundary has caught (guarded.ts of core) ends the agent: an unknown state is worse than a new start, by which the mirror of
 * the supervisor's state is all that is lost. Commands under way are repeated by their clients, and executed once.
 */
function crash(error: unknown): never {
  if (error instanceof PlimsollError) log('error', errorInWords(error), { hint: error.hint });
  else log('error', 'the agent ends by an error; containers go on', { error });
  process.exit(1);
}

process.on('uncaughtException', crash);
await main().catch(crash);
// The channel to a parent process may still be open.
process.exit(0);
