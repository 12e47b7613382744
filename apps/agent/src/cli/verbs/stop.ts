import { parseGrace, stopFields, stopHelp, stopOptions } from '../options/stop-options.ts';
import { defineVerb } from '../verb.ts';
import { onEach } from './on-each.ts';

export const stop = defineVerb({
  usage: '[-t SECONDS] CONTAINER…',
  summary: 'ask a container to end, and kill it when it does not',
  options: stopOptions,
  optionHelp: stopHelp,
  fields: stopFields,
  run: (values, containers, context) => {
    const graceMs = parseGrace(values);
    return onEach(context, containers, (client, container) => client.command('container.stop', { container, graceMs }));
  },
});
