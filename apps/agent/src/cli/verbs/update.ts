import { connectAgent } from '../agent-connection.ts';
import {
  limitFields,
  limitHelp,
  limitOptions,
  needsPresentMemory,
  NONE_HELP,
  parseLimitsChange,
  storageFields,
  storageHelp,
  storageOptions,
} from '../options/limit-options.ts';
import { printAnswers } from '../reports/print-answers.ts';
import { printJson } from '../reports/terminal.ts';
import { defineVerb, exactlyOne, UsageError } from '../verb.ts';

export const update = defineVerb({
  usage: '[options] CONTAINER',
  summary: `change the limits and priorities of a container, of a running one at once. ${NONE_HELP}`,
  options: { ...limitOptions, ...storageOptions, json: { type: 'boolean', default: false } },
  optionHelp: { ...limitHelp, ...storageHelp, json: 'the container and what the kernel says now, as JSON' },
  fields: { container: ['CONTAINER'], ...limitFields, ...storageFields },
  examples: ['update --memory 256m --cpus 1.5 web', 'update --pids none web', 'update --storage-opt size=2g web'],
  async run({ json, ...values }, positionals, context) {
    const container = exactlyOne(positionals, 'one container');
    using client = connectAgent(context);
    const present = needsPresentMemory(values) ? (await client.command('container.inspect', { container })).limits : {};
    const limits = parseLimitsChange(values, present.memoryBytes);
    if (Object.keys(limits).length === 0) throw new UsageError('say which limit to change');
    const answer = await client.command('container.update', { container, limits });
    if (json) printJson(context, answer);
    else printAnswers(context, answer.container.name, answer.kernel);
    return 0;
  },
});
