# The processes of one virtual machine, in mount and pid namespaces of their own: whatever ends the first takes all with it.
# machine.sh DIRECTORY VIRTIOFSD QEMU [ARGUMENT…]
set -eu
directory=$1
virtiofsd=$2
shift 2

# virtiofsd makes what it shares its root, which `/` itself cannot become (EBUSY).
mount --rbind / "$directory/host"
mount -o remount,bind,ro "$directory/host"

# cache=always: nothing is looked up twice. A run sees a file as it was when it was first read.
"$virtiofsd" --socket-path="$directory/virtiofs" --rlimit-nofile=0 \
  -o source="$directory/host" -o cache=always -o modcaps="$MODCAPS" >"$directory/virtiofsd.log" 2>&1 &
until [ -S "$directory/virtiofs" ]; do
  kill -0 $!
  sleep 0.05
done
exec "$@"
