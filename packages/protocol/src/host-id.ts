import { z } from 'zod';

/** Of one Plimsoll on one host: random, made once, and the same whatever the host is called (RFC 9562, version 4). */
export const HostId = z.uuid();
export type HostId = z.infer<typeof HostId>;
