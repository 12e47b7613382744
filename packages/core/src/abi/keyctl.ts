/** keyctl(2), include/uapi/linux/keyctl.h. */
export const KEYCTL_JOIN_SESSION_KEYRING = { value: 1, text: 'KEYCTL_JOIN_SESSION_KEYRING' } as const;
