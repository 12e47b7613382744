/** A state file, by where it lies below the state root, and what its loss means. */
export interface StoreKind {
  store: string;
  /** Of its path below `lib` or `run`. */
  path: RegExp;
  /** A sentence each, of what is lost and what was made of what. */
  damaged: string;
  missing: string;
}

const KINDS: readonly StoreKind[] = [
  {
    store: 'ledger',
    path: /^ledger\.db$/,
    damaged:
      "usage before then is what could be read of the damaged file, of the supervisor's records and of the kernel's counters",
    missing:
      "usage before then is what the supervisor's records and the kernel's counters still have: containers that had been removed are not in it",
  },
  {
    store: 'log of events',
    path: /^events\.db$/,
    damaged: 'the log of events begins with those that could be read of the damaged file',
    missing: 'the log of events begins anew: those before then are lost',
  },
  {
    store: 'store of alerts',
    path: /^alerts\.db$/,
    damaged: 'alert rules are those that could be read of the damaged file: look which are missing',
    missing: 'all alert rules are lost: make them again',
  },
  {
    store: 'store of charts',
    path: /^charts\.db$/,
    damaged: 'charts begin anew; no bill is made of them',
    missing: 'charts begin anew; no bill is made of them',
  },
  {
    store: 'list of sessions',
    path: /^sessions\.json$/,
    damaged: 'nobody is signed in any more: sign in again',
    missing: 'nobody is signed in any more: sign in again',
  },
  {
    store: 'list of images',
    path: /^images\/names\.json$/,
    damaged: 'names were restored from the images; an image of unknown name is called recovered-DIGEST',
    missing: 'names were restored from the images; an image of unknown name is called recovered-DIGEST',
  },
  {
    store: 'record of an image',
    path: /^images\/sha256-[0-9a-f]{64}\/(?:image|names)\.json$/,
    damaged: "it was made again of the image's files; where these are changed as well, the image cannot be used: import it again",
    missing: "it was made again of the image's files",
  },
  {
    store: 'record of a volume',
    path: /^volumes\/[^/]+\/volume\.json$/,
    damaged: "the volume's files are whole; its labels are lost",
    missing: "the volume's files are whole; its labels are lost",
  },
  {
    store: 'host id',
    path: /^host\.json$/,
    damaged: 'the id was restored from the journal or the ledger; it is a new one where neither had it',
    missing: 'the id was restored from the journal or the ledger; it is a new one where neither had it',
  },
  {
    store: 'journal of the supervisor',
    path: /^journal\.jsonl$/,
    damaged:
      "what cannot be read of it was restored from the containers' own files and the kernel: compare `plimsoll ps` with what you expect to run",
    missing: 'containers were restored from their own files and the kernel: compare `plimsoll ps` with what you expect to run',
  },
  {
    store: 'definition of a container',
    path: /^containers\/[0-9a-f]{16}\/container\.json$/,
    damaged: 'it was written again from the journal; where that had lost it too, the container goes on as `lost-ID`',
    missing: 'it was written again from the journal',
  },
  {
    store: 'runtime state of a container',
    path: /^containers\/[0-9a-f]{16}\/state\.json$/,
    damaged: "the container's process was found again by the keeper or by its cgroup",
    missing: "the container's process was found again by the keeper or by its cgroup",
  },
  {
    store: 'record of a start',
    path: /^containers\/[0-9a-f]{16}\/birth\.json$/,
    damaged: 'how the container was started cannot be shown until its next start',
    missing: 'how the container was started cannot be shown until its next start',
  },
  {
    store: 'list of groups',
    path: /^groups\.json$/,
    damaged: 'nothing is lost by it: the journal has the groups',
    missing: 'nothing is lost by it: the journal has the groups',
  },
  { store: 'list of stores', path: /^stores\.json$/, damaged: 'nothing is lost by it', missing: 'nothing is lost by it' },
  {
    store: 'local token',
    path: /^local\.token$/,
    damaged: 'there is a new one; nothing is lost by it',
    missing: 'there is a new one; nothing is lost by it',
  },
];

/** `path`: below `lib` or `run`. A file of no known kind is called by its path. */
export function kindOf(path: string): StoreKind {
  const known = KINDS.find((kind) => kind.path.test(path));
  return known ?? { store: path, path: /^/, damaged: 'what was in it may be lost', missing: 'what was in it is lost' };
}
