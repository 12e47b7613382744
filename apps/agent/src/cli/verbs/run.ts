import { addAbortListener } from 'node:events';
import { CreateContainer, type ContainerView, type CreateContainerInput } from '@plimsoll/protocol';
import type { AgentClient } from '../../client/agent-client.ts';
import { connect } from '../../client/connect.ts';
import { stateRoot } from '../../state-root.ts';
import type { Context } from '../context.ts';
import { isolationHelp, isolationOptions, isolationSections, parseIsolation } from '../isolation-options.ts';
import { limitHelp, limitOptions, parseLimits } from '../limit-options.ts';
import { mountHelp, mountOptions, parseMounts } from '../mount-options.ts';
import { parsePair } from '../quantities.ts';
import { printLog } from '../print-log.ts';
import { print } from '../terminal.ts';
import { defineVerb, OptionError, UsageError } from '../verb.ts';

/** As docker has it: the runtime's own failure, while the command's own exit code is passed on. */
const OWN_FAILURE = 125;

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
    const wishes: CreateContainerInput = {
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
      // In the foreground its last output is read before it is removed, and so the removal is done here.
      autoRemove: values.rm && values.detach,
    };
    requireValid(wishes);
    // A lost output kills the container over this connection: connectAgent would close it.
    using client = await connect(stateRoot(context.environment));
    const view = await client.command('container.run', wishes);
    if (view.state.status === 'starting' && view.state.frozenBy !== null) {
      const { frozenBy } = view.state;
      context.stderr.write(`${view.name} starts when group ${frozenBy} is thawed: plimsoll group thaw ${frozenBy}\n`);
    }
    if (view.fallback !== null) context.stderr.write(`${view.name}: ${view.fallback}\n`);
    if (values.detach) {
      print(context, view.id);
      return 0;
    }
    const exitCode = await attend(context, client, view);
    if (values.rm) await client.command('container.remove', { container: view.id, force: true });
    return exitCode;
  },
});

/** The agent checks it as well; here it is still plain that something was typed wrongly. */
function requireValid(wishes: CreateContainerInput): void {
  const [issue] = CreateContainer.safeParse(wishes).error?.issues ?? [];
  if (issue !== undefined) throw new UsageError(`${issue.path.join('.')}: ${issue.message}`);
}

/** `-e NAME` passes a variable on from here, and nothing where it is not set. */
function variable(text: string, environment: Context['environment']): [string, string][] {
  if (text.includes('=')) return [parsePair(text, '--env')];
  if (text === '') throw new OptionError('--env', text, 'write it as NAME=value');
  const value = environment[text];
  return value === undefined ? [] : [[text, value]];
}

/** Passes on its output until it has ended; its exit code. The first Ctrl-C stops it, the second kills it. */
async function attend(context: Context, client: AgentClient, { id }: ContainerView): Promise<number> {
  using listeners = new DisposableStack();
  listeners.use(endBySignals(context, client, id));
  listeners.use(addAbortListener(context.outputLost, () => killSilently(client, id)));
  for await (const batch of client.logs({ container: id, follow: true })) {
    if (context.outputLost.aborted) break;
    await printLog(context, batch);
  }
  const view = await client.ended(id);
  if (view?.state.status === 'exited' && view.state.exitCode !== null) return view.state.exitCode;
  context.stderr.write(`plimsoll run: ${whyNoExitCode(view)}\n`);
  return OWN_FAILURE;
}

function whyNoExitCode(view: ContainerView | null): string {
  if (view === null) return 'the container was removed while it ran';
  return view.state.status === 'failed' ? view.state.error.message : 'how the container ended is not known';
}

function endBySignals(context: Context, client: AgentClient, container: string): Disposable {
  let times = 0;
  return context.onSignals(['SIGINT', 'SIGTERM', 'SIGHUP'], () => {
    times += 1;
    if (times > 1) killSilently(client, container);
    // The container may have ended by itself; `attend` reports how it ended.
    else client.command('container.stop', { container }).catch(() => {});
  });
}

/** For a lost output as well: SIGPIPE would end a process that the shell had started itself. */
function killSilently(client: AgentClient, container: string): void {
  client.command('container.kill', { container }).catch(() => {});
}
