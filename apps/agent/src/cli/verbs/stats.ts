import { setTimeout as delay } from 'node:timers/promises';
import type { Stats } from '@plimsoll/protocol';
import { connectAgent, followAgent } from '../agent-connection.ts';
import type { Context } from '../context.ts';
import { ofContainer, ofGroup, sampleOf, samplesOf, tables, writeLines, writeTable } from '../reports/stats-report.ts';
import { defineVerb, UsageError } from '../verb.ts';

export const stats = defineVerb({
  usage: '[options] [CONTAINER…]',
  summary: 'watch what containers or groups use, until Ctrl-C',
  options: {
    'no-stream': { type: 'boolean', default: false },
    groups: { type: 'boolean', short: 'g', default: false },
    json: { type: 'boolean', default: false },
  },
  optionHelp: {
    'no-stream': 'once, and not again and again',
    groups: 'groups in place of containers, each with all that is in it',
    json: 'one JSON object a line for each sample',
  },
  examples: ['stats', 'stats --no-stream web db'],
  async run({ json, groups, 'no-stream': isOnce }, containers, context) {
    if (groups && containers.length > 0) throw new UsageError('with --groups every group is shown: name no container');
    return isOnce ? await showOnce(context, { json, groups, containers }) : await follow(context, { json, groups, containers });
  },
});

/** Within this a container that has just begun has been sampled twice. */
const SECOND_SAMPLE_MS = 2500;
const ASK_AGAIN_MS = 200;

interface Asked {
  json: boolean;
  groups: boolean;
  containers: readonly string[];
}

async function showOnce(context: Context, { json, groups, containers }: Asked): Promise<number> {
  using client = connectAgent(context);
  const query = { groups, ...(containers.length > 0 && { containers: [...containers] }) };
  let answer = await client.command('container.stats', query);
  for (
    const end = performance.now() + SECOND_SAMPLE_MS;
    answer.some(isYoung) && performance.now() < end;
    await delay(ASK_AGAIN_MS)
  ) {
    answer = await client.command('container.stats', query);
  }
  const show = json ? writeLines : writeTable;
  await show(context.stdout, answer.map(sampleOf));
  return 0;
}

/** It has begun since the last sample but one, and a rate takes two. */
function isYoung({ at, cpuCores }: Stats): boolean {
  return at !== null && cpuCores === null;
}

async function follow(context: Context, { json, groups, containers }: Asked): Promise<number> {
  using client = await followAgent(context);
  const chosen = new Set<string>();
  for (const container of containers) chosen.add((await client.command('container.inspect', { container })).id);
  const show = json ? writeLines : tables();
  const stopped = Promise.withResolvers<number>();
  using listeners = new DisposableStack();
  listeners.use(context.onSignals(['SIGINT', 'SIGTERM'], () => stopped.resolve(0)));
  client.on('samples', (samples) => {
    const subjects = groups ? [...client.groups.values()].map(ofGroup) : [...client.containers.values()].map(ofContainer);
    const all = samplesOf(subjects, samples);
    const wanted = chosen.size === 0 ? all : all.filter(({ of }) => chosen.has(of.id ?? ''));
    show(context.stdout, wanted).catch(stopped.reject);
  });
  await client.watch({ kind: 'table' });
  return await Promise.race([stopped.promise, client.lost]);
}
