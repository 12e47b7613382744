import { defineVerb } from '../verb.ts';
import { onEach } from './on-each.ts';

export const kill = defineVerb({
  usage: '[-s SIGNAL] CONTAINER…',
  summary: 'end a container at once, with everything in it; or send its first process a signal',
  options: { signal: { type: 'string', short: 's', default: 'KILL' } },
  optionHelp: { signal: 'HUP, SIGHUP or 1; any but KILL goes to the first process alone (default: KILL)' },
  fields: { signal: ['signal'] },
  examples: ['kill -s HUP web'],
  run: ({ signal }, containers, context) =>
    onEach(context, containers, (client, container) => client.command('container.kill', { container, signal })),
});
