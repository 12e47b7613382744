import { readlinkSync } from 'node:fs';

const FILES = [
  ...['limits', 'cgroup', 'environ', 'cmdline', 'uid_map', 'gid_map', 'projid_map', 'setgroups', 'timens_offsets'],
  ...['oom_score_adj', 'personality', 'sessionid', 'loginuid', 'timerslack_ns', 'coredump_filter', 'autogroup', 'mountinfo'],
];
const SYSCTLS = ['kernel/hostname', 'kernel/domainname', 'kernel/shmmax', 'net/ipv4/ip_unprivileged_port_start'];

/**
 * Prints all that `parseView` reads. Process 1 is looked at, which is the shell that plays this: when it sleeps, since it blocks
 * signals while it forks.
 */
export const VIEW_SCRIPT = `
part() { echo; echo "== $1"; }
part status; (until grep -q '^State:.S' /proc/1/status; do :; done; cat /proc/1/status)
for file in ${FILES.join(' ')}; do part $file; tr '\\0' '\\n' < /proc/1/$file 2>&1; done
for link in /proc/1/ns/* /proc/1/cwd /proc/1/root /proc/1/exe /proc/1/fd/*; do [ -h $link ] && part "\${link#/proc/1/}" && readlink $link; done
for file in $(cd /proc/1/attr && find * -type f | sort); do part "attr/$file"; cat /proc/1/attr/$file 2>&1 | tr '\\0' '\\n'; done
for name in ${SYSCTLS.join(' ')}; do part "sys/$name"; cat /proc/sys/$name 2>&1; done
for path in / /proc /sys /tmp /scratch /volume /volume/* /shifted /shifted/* /made /made/* $(find /dev | sort) $(find /sys/fs/cgroup -maxdepth 1 ! -type f | sort); do
  part "stat $path"; stat -c '%F %a %u:%g %t:%T' $path 2>&1
done
part "interfaces"; ls /sys/class/net
`;

/** What a process is to the kernel, as named fields that compare one by one. */
export type View = ReadonlyMap<string, string>;

/**
 * Figures of the moment, which differ between two runs of the same. FDSize is what there is room for, and goes by how many
 * descriptors were open somewhere before.
 */
const MOMENTARY = /^status (?:Vm|Rss|Hugetlb|FDSize|.*ctxt_switches)/;

export function parseView(printed: string): View {
  const view = new Map<string, string>();
  for (const part of printed.split('\n== ').slice(1)) {
    const end = part.indexOf('\n');
    const [name, text] = [part.slice(0, end), part.slice(end + 1).trimEnd()];
    for (const [field, value] of fieldsOf(name, text)) if (!MOMENTARY.test(field)) view.set(field, value);
  }
  return view;
}

function fieldsOf(name: string, text: string): [string, string][] {
  const lines = text.split('\n');
  if (name === 'status') return lines.map((line) => pair(`status ${line.split(':')[0]}`, after(':', line)));
  if (name === 'limits') {
    const columns = lines.slice(1).map((line) => line.split(/\s{2,}/));
    return columns.map(([limit, ...values]) => pair(`limits ${limit}`, values.join(' ')));
  }
  if (name === 'environ') return lines.filter(Boolean).map((line) => pair(`environ ${line.split('=')[0]}`, after('=', line)));
  if (name === 'cgroup') return lines.map((line) => pair(`cgroup ${line.split(':')[1]}`, line.split(':')[2] ?? ''));
  if (name === 'mountinfo') return mountFields(lines);
  if (name === 'autogroup') return [pair(name, text.replace(/\d+/, 'N'))];
  if (name.startsWith('ns/')) return [pair(name, whose(name, text))];
  return [pair(name, text.replaceAll(/ +/g, ' '))];
}

/** A namespace's number says nothing; what counts is whether it is the host's. */
function whose(name: string, link: string): string {
  return link === readlinkSync(`/proc/self/${name}`) ? 'the host’s' : 'its own';
}

/** proc_pid_mountinfo(5), by mount point; the second mount at the same one is its `#2`. */
function mountFields(lines: readonly string[]): [string, string][] {
  const mounts = lines.map((line) => {
    const [before = '', after = ''] = line.split(' - ');
    const [id = '', parent = '', , root = '', point = '', options = '', ...propagation] = before.split(' ');
    const [type = '', source = '', ofSuperblock = ''] = after.split(' ');
    return { id, parent, root, point, options, propagation: propagation.join(' '), type, source, ofSuperblock };
  });
  const points = new Map(mounts.map(({ id, point }) => [id, point]));
  const seen = new Map<string, number>();
  return mounts.flatMap(({ id: _id, parent, point, ...fields }) => {
    const times = (seen.get(point) ?? 0) + 1;
    seen.set(point, times);
    const name = `mount ${point}${times === 1 ? '' : `#${times}`}`;
    const sorted = {
      ...fields,
      ofSuperblock: fields.ofSuperblock.split(',').toSorted().join(','),
      on: points.get(parent) ?? 'nothing',
    };
    return Object.entries(sorted).map(([field, value]) => pair(`${name} ${field}`, value));
  });
}

function after(separator: string, line: string): string {
  return line.slice(line.indexOf(separator) + 1);
}

function pair(field: string, value: string): [string, string] {
  return [field, value.trim()];
}
