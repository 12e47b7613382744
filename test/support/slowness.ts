/** What a virtual machine in software emulation takes longer than its host: every deadline is multiplied by it. */
export const SLOWNESS = Number(process.env['PLIMSOLL_TEST_SLOWNESS'] ?? 1);
