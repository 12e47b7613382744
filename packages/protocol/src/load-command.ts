import type { COMMANDS, Verb } from './commands.ts';
import type { Commands } from './commands/command.ts';

type Area = Verb extends `${infer A}.${string}` ? A : never;

const AREAS: { [A in Area]: () => Promise<Commands> } = {
  alert: async () => (await import('./commands/alert.ts')).ALERT_COMMANDS,
  chart: async () => (await import('./commands/chart.ts')).CHART_COMMANDS,
  container: async () => (await import('./commands/container.ts')).CONTAINER_COMMANDS,
  event: async () => (await import('./commands/event.ts')).EVENT_COMMANDS,
  group: async () => (await import('./commands/group.ts')).GROUP_COMMANDS,
  host: async () => (await import('./commands/host.ts')).HOST_COMMANDS,
  image: async () => (await import('./commands/image.ts')).IMAGE_COMMANDS,
  kernel: async () => (await import('./commands/kernel.ts')).KERNEL_COMMANDS,
  ledger: async () => (await import('./commands/usage.ts')).USAGE_COMMANDS,
  session: async () => (await import('./commands/host.ts')).HOST_COMMANDS,
  usage: async () => (await import('./commands/usage.ts')).USAGE_COMMANDS,
  volume: async () => (await import('./commands/volume.ts')).VOLUME_COMMANDS,
};

/** One command, without the schemas of all the others: making those takes longer than most commands. */
export async function loadCommand<V extends Verb>(verb: V): Promise<(typeof COMMANDS)[V]> {
  const commands = await AREAS[verb.split('.', 1)[0] as Area]();
  return commands[verb] as (typeof COMMANDS)[V];
}
