import { defineVerb } from '../verb.ts';
import { onEach } from './on-each.ts';

export const thaw = defineVerb({
  usage: 'CONTAINER…',
  summary: 'let a frozen container go on',
  options: {},
  optionHelp: {},
  run: (_, containers) => onEach(containers, (client, container) => client.command('container.thaw', { container })),
});
