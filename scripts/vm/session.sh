# Process 1 once the host's files are in place (a shell reaps what becomes its child). Runs the command and tells how it
# ended: `output` and `report` are ports of the machine that lead to the host.
. /run/vm/environment
export TMPDIR=/disk
cd "$REPOSITORY"

# The kernel loads by itself what is asked for: veth, bfq, …
mkdir -p /lib/modules
ln -sfn "$KERNEL_MODULES" "/lib/modules/$(uname -r)"
ln -s busybox /run/vm/modprobe
echo /run/vm/modprobe >/proc/sys/kernel/modprobe
for module in fuse tun loop bfq; do /run/vm/modprobe "$module"; done

if [ -n "${SELINUX_POLICY-}" ]; then
  mount -t selinuxfs selinux /sys/fs/selinux
  # The kernel takes a policy in one write.
  dd if="$SELINUX_POLICY" of=/sys/fs/selinux/load bs=16M iflag=fullblock status=none || /run/vm/busybox poweroff -f
fi

port() {
  for name in /sys/class/virtio-ports/*/name; do
    if [ "$(cat "$name")" = "$1" ]; then basename "$(dirname "$name")"; fi
  done
}

output=/dev/$(port output)
/bin/sh /run/vm/command >"$output" 2>&1 </dev/null
status=$?
# The kernel knows at which address a program was killed, and in which file.
if [ "$status" -ne 0 ]; then /run/vm/busybox dmesg | /run/vm/busybox grep -E 'segfault|traps:|protection' | tail -n 5 >"$output"; fi
{
  echo "$status"
  if [ -e /run/vm/report ]; then cat /run/vm/report; fi
} >"/dev/$(port report)"
/run/vm/busybox poweroff -f
