import { describeReasons } from '../reports/container-report.ts';
import { defineVerb } from '../verb.ts';
import { onEach } from './on-each.ts';

export const thaw = defineVerb({
  usage: 'CONTAINER…',
  summary: 'let a frozen container go on',
  options: {},
  optionHelp: {},
  run: (_, containers, context) =>
    onEach(context, containers, async (client, container) => {
      const { name, state } = await client.command('container.thaw', { container });
      if (state.status !== 'frozen') return;
      context.stderr.write(`${name} stays frozen: ${describeReasons(state.reasons)}\n`);
    }),
});
