import { noteOnStart } from '../reports/start-note.ts';
import { parseGrace, stopFields, stopHelp, stopOptions } from '../options/stop-options.ts';
import { defineVerb } from '../verb.ts';
import { onEach } from './on-each.ts';

export const restart = defineVerb({
  usage: '[-t SECONDS] CONTAINER…',
  summary: 'stop a container where it runs, and start it',
  options: stopOptions,
  optionHelp: stopHelp,
  fields: stopFields,
  run: (values, containers, context) => {
    const graceMs = parseGrace(values);
    return onEach(context, containers, async (client, container) => {
      noteOnStart(context, await client.command('container.restart', { container, graceMs }));
    });
  },
});
