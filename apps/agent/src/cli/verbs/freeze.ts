import { defineVerb } from '../verb.ts';
import { onEach } from './on-each.ts';

export const freeze = defineVerb({
  usage: 'CONTAINER…',
  summary: 'hold every process of a container still',
  options: {},
  optionHelp: {},
  run: (_, containers, context) =>
    onEach(context, containers, (client, container) => client.command('container.freeze', { container })),
});
