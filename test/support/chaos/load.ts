import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ContainerView, CreateContainerInput } from '@plimsoll/protocol';
import { AgentRequests } from '../../../apps/agent/src/client/agent-requests.ts';
import { randomFrom } from '../random.ts';
import { until } from '../until.ts';
import type { World } from '../world.ts';
import { CLIENTS, untilEnded, type Client } from './clients.ts';
import { problemsOfLog } from './counted-log.ts';
import { BURNING, BURNT_NS, COUNTING, ON_TERM, SHORT_LIVED } from './commands.ts';

/** Where each start of a container appends a line to the file of its name. */
const VOLUME = 'effects';
const MOST_STEPS = 4;

/** A container of the load, removed by now, and how each of its incarnations ended. */
export interface Expected {
  id: string;
  name: string;
  exitCodes: number[];
}

/** Clients that run, change and remove containers until they are stopped. Whatever is not as it should be is a problem, and stops none of them. */
export class Load {
  readonly expected: Expected[] = [];
  readonly problems: string[] = [];
  readonly #world: World;
  readonly #seed: number;
  readonly #requests: AgentRequests;
  readonly #done = new Map<string, number>();
  readonly #clients: Client[] = [];
  #isOver = false;

  constructor(world: World, seed: number) {
    this.#world = world;
    this.#seed = seed;
    this.#requests = new AgentRequests(world.state);
  }

  /** How often each command was carried out. */
  get done(): Record<string, number> {
    return Object.fromEntries([...this.#done].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  stop(): void {
    this.#isOver = true;
  }

  /** Connects clients: a connection that is made waits for an agent that was killed, and the first one does not. */
  async connect(clients: number): Promise<void> {
    for (let worker = 0; worker < clients; worker++) {
      const make = CLIENTS[worker % CLIENTS.length] as (typeof CLIENTS)[number];
      this.#clients.push(await make(this.#world));
    }
  }

  /** Resolves after `stop`, when each client has finished what it was at, and is closed. */
  async run(): Promise<void> {
    const each = this.#clients.map(async (client, worker) => {
      using _ = client;
      await this.#work(worker, client);
    });
    await Promise.all(each);
  }

  async #work(worker: number, client: Client): Promise<void> {
    const random = randomFrom(this.#seed + worker);
    for (let i = 0; !this.#isOver; i++) {
      const scenario = new Scenario(this.#world, { client, requests: this.#requests, random, name: `w${worker}-${i}`, worker });
      try {
        await scenario.play();
        this.expected.push(scenario.expected);
      } catch (error) {
        this.problems.push(`${scenario.name}: ${scenario.step}: ${error instanceof Error ? error.message : String(error)}`);
      }
      this.problems.push(...scenario.problems);
      for (const step of scenario.steps) this.#done.set(step, (this.#done.get(step) ?? 0) + 1);
    }
  }
}

interface Parts {
  client: Client;
  requests: AgentRequests;
  random: () => number;
  name: string;
  worker: number;
}

/** The life of one container, from `run` to `remove`. */
class Scenario {
  name: string;
  readonly problems: string[] = [];
  readonly steps: string[] = [];
  readonly exitCodes: number[] = [];
  readonly #world: World;
  readonly #parts: Parts;
  readonly #group: string;
  readonly #effects: string;
  #id = '';

  constructor(world: World, parts: Parts) {
    this.#world = world;
    this.#parts = parts;
    this.name = parts.name;
    this.#group = `load/w${parts.worker}`;
    this.#effects = join(world.state.lib, 'volumes', VOLUME, 'data', parts.name);
  }

  get step(): string {
    return this.steps.at(-1) ?? 'nothing';
  }

  get expected(): Expected {
    return { id: this.#id, name: this.name, exitCodes: this.exitCodes };
  }

  async play(): Promise<void> {
    const kind = this.#parts.random();
    if (kind < 0.5) await this.#shortLived();
    else if (kind < 0.65) await this.#burning();
    else await this.#counting();
    this.#checkEffects();
  }

  async #shortLived(): Promise<void> {
    const { script, exitCode, request } = this.#choose(SHORT_LIVED);
    await this.#run(script, request);
    await this.#endsBy(exitCode);
    await this.#change('container.remove', { container: this.name });
  }

  async #burning(): Promise<void> {
    await this.#run(BURNING);
    const view = await this.#endsBy(0);
    const used = BigInt(view.lastExit?.cpuUsageNs ?? 0);
    if (used < BURNT_NS) this.problems.push(`${this.name}: used ${used} ns of cpu time, and has had at least ${BURNT_NS} ns`);
    await this.#change('container.remove', { container: this.name });
  }

  async #counting(): Promise<void> {
    await this.#run(COUNTING);
    const steps = [
      () => this.#freeze(),
      () => this.#freezeGroup(),
      () => this.#rename(),
      () => this.#restart(),
      () => this.#startAgain(),
    ];
    for (let left = 1 + Math.floor(this.#parts.random() * MOST_STEPS); left > 0; left--) {
      await this.#hasBegun();
      await this.#choose(steps)();
    }
    await this.#hasBegun();
    await this.#end();
    this.problems.push(...problemsOfLog(this.#world.log(this.#id), this.exitCodes).map((what) => `${this.name}: ${what}`));
    await this.#change('container.remove', { container: this.name });
  }

  async #freeze(): Promise<void> {
    await this.#change('container.freeze', { container: this.name });
    await this.#isIn('frozen');
    await this.#change('container.thaw', { container: this.name });
    await this.#isIn('running');
  }

  async #freezeGroup(): Promise<void> {
    await this.#change('group.freeze', { group: this.#group });
    await this.#isIn('frozen');
    await this.#change('group.thaw', { group: this.#group });
    await this.#isIn('running');
  }

  async #rename(): Promise<void> {
    const name = `${this.name}r`;
    await this.#change('container.rename', { container: this.name, name });
    this.name = name;
    await this.#isIn('running');
  }

  async #restart(): Promise<void> {
    await this.#change('container.restart', { container: this.name });
    this.exitCodes.push(ON_TERM);
    await this.#isIn('running');
  }

  async #startAgain(): Promise<void> {
    await this.#end();
    await this.#change('container.start', { container: this.name });
    await this.#isIn('running');
  }

  /** By SIGTERM, which the container answers, or by SIGKILL. */
  async #end(): Promise<void> {
    const isKilled = this.#parts.random() < 0.5;
    await this.#change(isKilled ? 'container.kill' : 'container.stop', { container: this.name });
    await this.#endsBy(isKilled ? 137 : ON_TERM);
  }

  async #run(script: string, request: CreateContainerInput = {}): Promise<void> {
    this.steps.push('container.run');
    const { id } = await this.#parts.requests.command('container.run', {
      ...request,
      name: this.name,
      group: this.#group,
      command: ['/bin/sh', '-c', `echo run >> "/effects/$0"; ${script}`, this.name],
      mounts: [{ kind: 'volume', volume: VOLUME, destination: '/effects' }],
    });
    this.#id = id;
  }

  #change: Client['change'] = async (verb, args) => {
    this.steps.push(verb);
    return await this.#parts.client.change(verb, args);
  };

  async #endsBy(exitCode: number): Promise<ContainerView> {
    const view = await untilEnded(this.#parts.requests, this.#id);
    const found = view.state.status === 'exited' ? view.state.exitCode : JSON.stringify(view.state);
    if (found !== exitCode) this.problems.push(`${this.name}: ended with ${found}, not ${exitCode}`);
    this.exitCodes.push(exitCode);
    return view;
  }

  async #isIn(status: 'running' | 'frozen'): Promise<void> {
    const { state } = await this.#parts.requests.command('container.inspect', { container: this.#id });
    if (state.status !== status) this.problems.push(`${this.name}: is ${state.status} after ${this.step}, not ${status}`);
  }

  /** It takes SIGTERM from its first line on. */
  async #hasBegun(): Promise<void> {
    const first = `F ${this.exitCodes.length + 1} 0\n`;
    await until(`${this.name} has counted in its incarnation ${this.exitCodes.length + 1}`, () =>
      this.#world.log(this.#id).includes(first),
    );
  }

  #checkEffects(): void {
    const starts = existsSync(this.#effects) ? readFileSync(this.#effects, 'utf8').trim().split('\n').length : 0;
    const due = this.exitCodes.length;
    if (starts !== due) this.problems.push(`${this.name}: was started ${starts} times, not ${due}`);
  }

  #choose<T>(from: readonly T[]): T {
    return from[Math.floor(this.#parts.random() * from.length)] as T;
  }
}
