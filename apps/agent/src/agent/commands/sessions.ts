import type { Sessions } from '../access/sessions.ts';
import type { Handlers } from './dispatcher.ts';

export function sessionHandlers(sessions: Sessions): Pick<Handlers, 'session.invite'> {
  return { 'session.invite': () => sessions.invite() };
}
