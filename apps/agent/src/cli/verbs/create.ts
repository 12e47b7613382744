import { connectAgent } from '../agent-connection.ts';
import { OWN_FAILURE } from '../attend.ts';
import {
  CREATE_USAGE,
  createFields,
  createHelp,
  createOptions,
  createSections,
  make,
  parseCreate,
} from '../options/create-options.ts';
import { noteOnStart } from '../reports/start-note.ts';
import { print } from '../reports/terminal.ts';
import { defineVerb } from '../verb.ts';

export const create = defineVerb({
  usage: CREATE_USAGE,
  summary: 'make a container without starting it, and print its id',
  usageExitCode: OWN_FAILURE,
  takesCommand: true,
  options: createOptions,
  optionHelp: createHelp,
  fields: createFields,
  sections: createSections,
  examples: ['create --name job --env-file job.env base env'],
  async run(values, words, context) {
    const request = parseCreate(values, words, context);
    using client = connectAgent(context);
    const view = await make(client, 'container.create', request, words);
    noteOnStart(context, view);
    print(context, view.id);
    return 0;
  },
});
