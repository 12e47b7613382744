import type { CommandInput } from '@plimsoll/protocol';
import { AgentRequests } from '../../client/agent-requests.ts';
import { stateRoot } from '../../state-root.ts';
import { attend, OWN_FAILURE } from '../attend.ts';
import type { Context } from '../context.ts';
import { isolationHelp, isolationOptions, isolationSections, parseIsolation } from '../isolation-options.ts';
import { limitHelp, limitOptions, parseLimits } from '../limit-options.ts';
import { mountHelp, mountOptions, parseMounts } from '../mount-options.ts';
import { SignalsPassed } from '../pass-signals.ts';
import { parsePair } from '../quantities.ts';
import { print } from '../terminal.ts';
import { defineVerb, OptionError } from '../verb.ts';

export const run = defineVerb({
  usage: '[options] [--] [COMMAND [ARGUMENT…]]',
  summary: 'make a container and run a command in it',
  usageExitCode: OWN_FAILURE,
  takesCommand: true,
  options: {
    detach: { type: 'boolean', short: 'd', default: false },
    name: { type: 'string' },
    group: { type: 'string' },
    image: { type: 'string' },
    env: { type: 'string', short: 'e', multiple: true, default: [] },
    workdir: { type: 'string', short: 'w' },
    hostname: { type: 'string' },
    label: { type: 'string', short: 'l', multiple: true, default: [] },
    rm: { type: 'boolean', default: false },
    ...limitOptions,
    ...mountOptions,
    ...isolationOptions,
  },
  optionHelp: {
    detach: 'print its id and leave it running',
    name: 'a name of its own; one is made up otherwise',
    group: 'the group it belongs to, such as acme/web (default: default)',
    image: 'the image to run (default: base)',
    env: 'NAME=value in its environment, any number of times; NAME takes the value from here',
    workdir: 'the directory to begin in',
    hostname: 'its host name (default: its name)',
    label: 'NAME=value to remember with it, any number of times',
    rm: 'remove it when it has ended',
    ...limitHelp,
    ...mountHelp,
    ...isolationHelp,
  },
  sections: { cpus: 'Limits', volume: 'Mounts', ...isolationSections },
  async run(values, command, context) {
    const wishes: CommandInput<'container.run'> = {
      ...(values.name !== undefined && { name: values.name }),
      ...(values.group !== undefined && { group: values.group }),
      ...(values.image !== undefined && { image: values.image }),
      ...(values.workdir !== undefined && { workdir: values.workdir }),
      ...(values.hostname !== undefined && { hostname: values.hostname }),
      command,
      env: Object.fromEntries(values.env.flatMap((text) => variable(text, context.environment))),
      labels: Object.fromEntries(values.label.map((text) => parsePair(text, '--label'))),
      limits: parseLimits(values),
      mounts: parseMounts(values),
      ...parseIsolation(values),
      autoRemove: values.rm,
      // Its last output is read, and then it is removed here.
      attended: !values.detach,
    };
    // A lost output kills the container over this connection: connectAgent would close it.
    using client = new AgentRequests(stateRoot(context.environment));
    using signals = values.detach ? null : new SignalsPassed(context, client);
    const view = await client.command('container.run', wishes);
    if (view.state.status === 'starting' && view.state.frozenBy !== null) {
      const { frozenBy } = view.state;
      context.stderr.write(`${view.name} starts when group ${frozenBy} is thawed: plimsoll group thaw ${frozenBy}\n`);
    }
    if (view.fallback !== null) context.stderr.write(`${view.name}: ${view.fallback}\n`);
    signals?.to(view);
    if (values.detach) {
      print(context, view.id);
      return 0;
    }
    const exitCode = await attend(context, client, view);
    if (values.rm) await client.command('container.remove', { container: view.id, force: true });
    return exitCode;
  },
});

/** `-e NAME` passes a variable on from here, and nothing where it is not set. */
function variable(text: string, environment: Context['environment']): [string, string][] {
  if (text.includes('=')) return [parsePair(text, '--env')];
  if (text === '') throw new OptionError('--env', text, 'write it as NAME=value');
  const value = environment[text];
  return value === undefined ? [] : [[text, value]];
}
