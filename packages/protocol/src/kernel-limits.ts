/** getrlimit(2), without RLIMIT_ and in lower case as ulimit and docker have them. */
export const RLIMITS = [
  'as',
  'core',
  'cpu',
  'data',
  'fsize',
  'locks',
  'memlock',
  'msgqueue',
  'nice',
  'nofile',
  'nproc',
  'rss',
  'rtprio',
  'rttime',
  'sigpending',
  'stack',
] as const;
export type RlimitName = (typeof RLIMITS)[number];

/** A page. */
export const MIN_TMPFS_BYTES = 4096;
