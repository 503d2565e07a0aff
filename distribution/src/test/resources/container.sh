#!/usr/bin/env bash
# Runs a command in the file system of a container of docker/compose.yaml, without a container engine: a root that is read only, the
# folder and a Java where the image has them, volumes and memory where compose.yaml has them, a user and an environment that are the
# container's alone. Needs root and `unshare --mount`, in whose namespace it must be started.
#
# Usage: container.sh USER_ID USER_NAME FOLDER JAVA HOSTS MOUNTS... -- VARIABLE=VALUE... -- COMMAND...
#   HOSTS   names of other containers, separated by commas: all of them are this machine
#   MOUNTS  tmpfs:PATH:OPTIONS, or volume:SOURCE:PATH
set -euo pipefail

user=$1 name=$2 folder=$3 java=$4 hosts=$5
shift 5
mounts=() variables=()
while [[ $1 != -- ]]; do
  mounts+=("$1")
  shift
done
shift
while [[ $1 != -- ]]; do
  variables+=("$1")
  shift
done
shift

mount --make-rprivate /
# Whatever is bound is bound here before folders over it are hidden.
stage=/run
mount -t tmpfs -o mode=755 none "$stage"
mkdir -p "$stage"/{folder,java,volumes}
mount --bind "$folder" "$stage/folder"
mount --bind "$java" "$stage/java"
for each in "${mounts[@]}"; do
  IFS=: read -r kind source path <<<"$each"
  [[ $kind == volume ]] || continue
  mkdir -p "$stage/volumes$path"
  mount --bind "$source" "$stage/volumes$path"
done
printf 'root:x:0:0::/root:/bin/bash\n%s:x:%s:%s::/home/%s:/bin/sh\n' "$name" "$user" "$user" "$name" >"$stage/passwd"
printf '127.0.0.1 localhost %s %s\n' "$(uname -n)" "${hosts//,/ }" >"$stage/hosts"
mount --bind "$stage/passwd" /etc/passwd
mount --bind "$stage/hosts" /etc/hosts
for hidden in /opt /var/lib /home /tmp; do
  mount -t tmpfs -o mode=755 none "$hidden"
done
mkdir -p /opt/contrastream /opt/java/openjdk "/home/$name"
mount --bind "$stage/folder" /opt/contrastream
mount --bind "$stage/java" /opt/java/openjdk
for each in "${mounts[@]}"; do
  IFS=: read -r kind source path <<<"$each"
  [[ $kind == volume ]] || continue
  mkdir -p "$path"
  mount --bind "$stage/volumes$path" "$path"
done
# Nothing but what is mounted from here on, and the volumes, can be written. What is hidden is no longer there.
while read -r _ _ _ _ point _; do
  case $point in
    /proc | /proc/* | /sys | /sys/* | /dev | /dev/*) ;;
    *) [[ " ${mounts[*]} " == *":$point "* || ! -e $point ]] || mount -o remount,bind,ro "$point" ;;
  esac
done <<<"$(cat /proc/self/mountinfo)"
for each in "${mounts[@]}"; do
  IFS=: read -r kind path options <<<"$each"
  [[ $kind == tmpfs ]] || continue
  mount -t tmpfs -o "nosuid,nodev,noexec,$options" none "$path"
done

cd /opt/contrastream
exec setpriv --reuid "$user" --regid "$user" --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all \
  env -i "HOME=/home/$name" JAVA_HOME=/opt/java/openjdk "${variables[@]}" "$@"
