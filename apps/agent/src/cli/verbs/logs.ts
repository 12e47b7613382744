import { connect } from '../../client/connect.ts';
import { stateRoot } from '../../state-root.ts';
import { parseInteger } from '../quantities.ts';
import { safeFor, write } from '../terminal.ts';
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
  async run({ follow, tail, json }, positionals) {
    const container = exactlyOne(positionals, 'one container');
    const lines = tail === undefined || tail === 'all' ? undefined : parseInteger(tail, '--tail');
    using client = await connect(stateRoot());
    for await (const batch of client.logs({ container, follow, tail: lines })) {
      for (const line of batch) {
        if (json) await write(process.stdout, `${JSON.stringify(line)}\n`);
        else await write(process[line.stream], safeFor(process[line.stream], line.text) + (line.partial ? '' : '\n'));
      }
    }
    return 0;
  },
});
