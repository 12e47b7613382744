import { defineVerb } from '../verb.ts';
import { onEach } from './on-each.ts';

export const rm = defineVerb({
  usage: '[-f] CONTAINER…',
  summary: 'remove containers with what they wrote and their logs',
  options: { force: { type: 'boolean', short: 'f', default: false } },
  optionHelp: { force: 'also those that still run, which are killed' },
  run: ({ force }, containers, context) =>
    onEach(context, containers, (client, container) => client.command('container.remove', { container, force })),
});
