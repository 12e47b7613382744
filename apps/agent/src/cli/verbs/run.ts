import { AgentRequests } from '../../client/agent-requests.ts';
import { stateRoot } from '../../state-root.ts';
import { attend, OWN_FAILURE } from '../attend.ts';
import {
  CREATE_USAGE,
  createFields,
  createHelp,
  createOptions,
  createSections,
  make,
  parseCreate,
} from '../options/create-options.ts';
import { SignalsPassed } from '../pass-signals.ts';
import { noteOnStart } from '../reports/start-note.ts';
import { print } from '../reports/terminal.ts';
import { defineVerb } from '../verb.ts';

export const run = defineVerb({
  usage: CREATE_USAGE,
  summary: 'make a container and run a command in it',
  usageExitCode: OWN_FAILURE,
  takesCommand: true,
  options: {
    detach: { type: 'boolean', short: 'd', default: false },
    interactive: { type: 'boolean', short: 'i', default: false },
    ...createOptions,
  },
  optionHelp: {
    detach: 'print its id and leave it running',
    interactive: 'pass standard input on to it (without, it reads an end of file)',
    ...createHelp,
  },
  fields: createFields,
  sections: createSections,
  examples: [
    'run --rm base echo hello',
    'run -i --rm base gzip < access.log > access.log.gz',
    'run -d --name web --group acme/web --cpus 0.5 -m 128m -v data:/data -- sleep infinity',
    'run --rm --network container:web -- cat /proc/net/dev',
  ],
  async run(values, words, context) {
    const request = {
      ...parseCreate(values, words, context),
      openStdin: values.interactive,
      // Its output and input are passed on, and then it is removed here.
      attended: !values.detach,
    };
    // A lost output kills the container over this connection: connectAgent would close it.
    using client = new AgentRequests(stateRoot(context.environment));
    using signals = values.detach ? null : new SignalsPassed(context, client);
    const view = await make(client, 'container.run', request, words);
    noteOnStart(context, view);
    signals?.to(view);
    if (values.detach) {
      print(context, view.id);
      return 0;
    }
    return await attend(context, client, view, { stdin: values.interactive, remove: values.rm });
  },
});
