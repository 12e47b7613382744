import type { HostReport } from '@plimsoll/protocol';
import type { AgentConnection } from './connection.ts';
import { FrameNotifier } from './frame-notifier.ts';

/** What the host offers: asked for once it is wanted, and again after each reconnect. */
export class HostFacts {
  readonly notifier = new FrameNotifier();
  readonly #connection: AgentConnection;
  #report: HostReport | null = null;
  #asked = false;

  constructor(connection: AgentConnection) {
    this.#connection = connection;
  }

  readonly report = (): HostReport | null => this.#report;

  want(): void {
    if (this.#asked) return;
    this.#asked = true;
    this.#connection.onConnect(() => {
      this.#connection.command('host.report', {}).then(
        (report) => {
          this.#report = report;
          this.notifier.changed();
        },
        // Without it nothing is greyed out, and the agent's own answer says what is missing.
        () => undefined,
      );
    });
  }
}
