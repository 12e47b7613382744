import { connectAgent } from '../agent-connection.ts';
import { parseInteger } from '../quantities.ts';
import { printLog } from '../print-log.ts';
import { write } from '../terminal.ts';
import { defineVerb, exactlyOne } from '../verb.ts';

export const logs = defineVerb({
  usage: '[options] CONTAINER',
  summary: 'show what a container has written',
  options: {
    follow: { type: 'boolean', short: 'f', default: false },
    tail: { type: 'string', short: 'n' },
    json: { type: 'boolean', default: false },
  },
  optionHelp: {
    follow: 'go on until it ends',
    tail: 'only so many lines from the end',
    json: 'one JSON object a line, with time and stream',
  },
  async run({ follow, tail, json }, positionals, context) {
    const container = exactlyOne(positionals, 'one container');
    const lines = tail === undefined || tail === 'all' ? undefined : parseInteger(tail, '--tail');
    using client = connectAgent(context);
    for await (const batch of client.logs({ container, follow, tail: lines })) {
      if (json) await write(context.stdout, batch.map((line) => `${JSON.stringify(line)}\n`).join(''));
      else await printLog(context, batch);
    }
    return 0;
  },
});
