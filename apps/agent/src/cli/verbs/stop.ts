import { DEFAULT_STOP_GRACE_MS } from '@plimsoll/protocol';
import { parseNumber } from '../quantities.ts';
import { defineVerb } from '../verb.ts';
import { onEach } from './on-each.ts';

export const stop = defineVerb({
  usage: '[-t SECONDS] CONTAINER…',
  summary: 'ask a container to end, and kill it when it does not',
  options: { time: { type: 'string', short: 't' } },
  optionHelp: { time: `seconds to wait before the kill (default: ${DEFAULT_STOP_GRACE_MS / 1000})` },
  run: (values, containers, context) => {
    const graceMs = values.time === undefined ? DEFAULT_STOP_GRACE_MS : Math.round(parseNumber(values.time, '--time') * 1000);
    return onEach(context, containers, (client, container) => client.command('container.stop', { container, graceMs }));
  },
});
