const ONE_HOST = 'PLIMSOLL_ROOT chooses another Plimsoll on this host';
const NO_LEVEL = 'the agent logs where `npm start` runs, and `plimsoll events` shows what happened';
const NO_TLS = 'a command reaches the agent by a socket of this host';

/** Options that docker and podman take before a verb, and what there is instead. */
export const ABSENT_GLOBALS: Readonly<Record<string, string>> = {
  '-H, --host, -c, --context, --config, -r, --remote, --url, --connection, --root, --runroot': ONE_HOST,
  '-D, --debug, -l, --log-level': NO_LEVEL,
  '--tls, --tlscacert, --tlscert, --tlskey, --tlsverify': NO_TLS,
};
