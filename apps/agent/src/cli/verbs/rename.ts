import { connectAgent } from '../agent-connection.ts';
import { defineVerb, UsageError } from '../verb.ts';

export const rename = defineVerb({
  usage: 'CONTAINER NAME',
  summary: 'give a container another name',
  options: {},
  optionHelp: {},
  fields: { container: ['CONTAINER'], name: ['NAME'] },
  async run(_, [container, name, more], context) {
    if (container === undefined || name === undefined) throw new UsageError('name one container, and its new name');
    if (more !== undefined) throw new UsageError(`"${more}" is one word too many`);
    using client = connectAgent(context);
    await client.command('container.rename', { container, name });
    return 0;
  },
});
