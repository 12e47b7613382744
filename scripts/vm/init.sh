#!/bin/busybox sh
# First process of the virtual machine. The host's files, which it sees read-only, become its own below a layer in memory.
# A step that fails ends it, and with it the machine.
/bin/busybox --install -s /bin
export PATH=/bin
set -e

mount -t proc proc /proc
mount -t devtmpfs dev /dev
while read -r module; do insmod "/modules/$module"; done </modules/order

mount -t virtiofs -o ro host /host
mount -t tmpfs -o mode=755 over /over
mkdir /over/upper /over/work
mount -t overlay -o lowerdir=/host,upperdir=/over/upper,workdir=/over/work overlay /root

mkdir -p /root/proc /root/sys /root/dev /root/run /root/disk
mount -t proc proc /root/proc
mount -t sysfs sys /root/sys
mount -t securityfs security /root/sys/kernel/security
mount -t devtmpfs dev /root/dev
mkdir -p /root/dev/pts /root/dev/shm
mount -t devpts -o mode=600,ptmxmode=000 devpts /root/dev/pts
mount -t tmpfs -o mode=1777 shm /root/dev/shm
mount -t tmpfs -o mode=755 run /root/run

# Everything on one v2 tree, every controller passed on.
mount -t cgroup2 cgroup2 /root/sys/fs/cgroup
for controller in $(cat /root/sys/fs/cgroup/cgroup.controllers); do
  echo "+$controller" >/root/sys/fs/cgroup/cgroup.subtree_control
done

# The rest of inode tables need not be zeroed: the disk does not outlive the machine.
mount -t ext4 -o prjquota,noinit_itable /dev/vda /root/disk
chmod 1777 /root/disk
ip link set lo up
hostname plimsoll-vm

cp -r /job /root/run/vm
cp /bin/busybox /root/run/vm/busybox
exec switch_root /root /bin/sh /run/vm/session.sh
