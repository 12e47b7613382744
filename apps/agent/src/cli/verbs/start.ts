import { noteOnStart } from '../reports/start-note.ts';
import { defineVerb } from '../verb.ts';
import { onEach } from './on-each.ts';

export const start = defineVerb({
  usage: 'CONTAINER…',
  summary: 'start a container that was created, or that has ended',
  options: {},
  optionHelp: {},
  run: (_, containers, context) =>
    onEach(context, containers, async (client, container) => {
      noteOnStart(context, await client.command('container.start', { container }));
    }),
});
