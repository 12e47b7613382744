import { KEYCTL_JOIN_SESSION_KEYRING } from '../abi/keyctl.ts';
import type { Program } from '../program/program.ts';

/**
 * An empty session keyring in place of the one of whoever started the supervisor, whose keys a container could read
 * otherwise (session-keyring(7)). A kernel without keyrings has none to leak.
 */
export function leaveKeyring(program: Program): void {
  program.call('leave the session keyring', 'keyctl', [KEYCTL_JOIN_SESSION_KEYRING, 0], { tolerate: ['ENOSYS'] });
}
