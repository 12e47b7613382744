import { connectAgent } from '../agent-connection.ts';
import { describeState, flatten } from '../container-report.ts';
import { print, printJson, table } from '../terminal.ts';
import { defineVerb, none } from '../verb.ts';

export const ps = defineVerb({
  usage: '[options]',
  summary: 'list containers, ended ones too',
  options: {
    running: { type: 'boolean', short: 'r', default: false },
    quiet: { type: 'boolean', short: 'q', default: false },
    json: { type: 'boolean', default: false },
    all: { type: 'boolean', short: 'a', default: false },
  },
  optionHelp: {
    running: 'only those with a living process',
    quiet: 'ids only',
    json: 'as a JSON array',
    all: 'all of them, which is what it does anyway',
  },
  async run({ running, quiet, json }, positionals, context) {
    none(positionals);
    using client = connectAgent(context);
    const all = await client.command('container.list', {});
    const views = running ? all.filter(({ state }) => 'pid' in state) : all;
    if (json) {
      printJson(context, views.map(flatten));
    } else if (quiet) {
      for (const { id } of views) print(context, id);
    } else {
      const rows = views.map(({ id, name, group, image, state, command }) => [
        id,
        name,
        group,
        image,
        describeState(state),
        command.join(' '),
      ]);
      print(context, table(['ID', 'NAME', 'GROUP', 'IMAGE', 'STATE', 'COMMAND'], rows, context.stdout.columns));
    }
    return 0;
  },
});
