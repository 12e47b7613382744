import { DEFAULT_STOP_GRACE_MS } from '@plimsoll/protocol';
import { parseSeconds } from '../quantities.ts';
import { defineVerb } from '../verb.ts';
import { onEach } from './on-each.ts';

export const stop = defineVerb({
  usage: '[-t SECONDS] CONTAINER…',
  summary: 'ask a container to end, and kill it when it does not',
  options: { time: { type: 'string', short: 't' } },
  optionHelp: { time: `seconds to wait before the kill, or 1m30s (default: ${DEFAULT_STOP_GRACE_MS / 1000})` },
  run: (values, containers, context) => {
    const graceMs = values.time === undefined ? DEFAULT_STOP_GRACE_MS : parseSeconds(values.time, '--time');
    return onEach(context, containers, (client, container) => client.command('container.stop', { container, graceMs }));
  },
});
