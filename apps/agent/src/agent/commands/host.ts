import { COMMANDS } from '@plimsoll/protocol';
import { reportHost, type HostFacts } from '../host/report.ts';
import type { SupervisorLink } from '../supervisor-link.ts';
import type { Handlers } from './dispatcher.ts';

const ABILITIES_DEADLINE_MS = 5000;
const NOBODY_TRIED = 'the supervisor is not there to try it';

/** `shutDown` is called once the supervisor has stopped everything, and must let the answer out before the agent ends. */
export function hostHandlers(
  supervisor: SupervisorLink,
  facts: () => Promise<Omit<HostFacts, 'noIdMaps' | 'noProjectQuotas'>>,
  shutDown: () => void,
): Pick<Handlers, 'host.report' | 'host.shutdown'> {
  return {
    'host.report': async () => {
      // A host is worth a report without a supervisor too.
      const abilities = await supervisor.request('abilities', {}, ABILITIES_DEADLINE_MS).catch(() => null);
      const { noIdMaps = null, noProjectQuotas = NOBODY_TRIED } = abilities ?? {};
      return reportHost({ ...(await facts()), noIdMaps, noProjectQuotas });
    },
    'host.shutdown': async () => {
      const answer = await supervisor.request('shutdown', {}, COMMANDS['host.shutdown'].deadlineMs);
      shutDown();
      return answer;
    },
  };
}
