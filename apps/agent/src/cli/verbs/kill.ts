import { defineVerb } from '../verb.ts';
import { onEach } from './on-each.ts';

export const kill = defineVerb({
  usage: 'CONTAINER…',
  summary: 'end a container at once, with everything in it',
  options: {},
  optionHelp: {},
  run: (_, containers, context) =>
    onEach(context, containers, (client, container) => client.command('container.kill', { container })),
});
