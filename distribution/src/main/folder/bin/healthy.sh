#!/usr/bin/env bash
# Whether a cluster is healthy, as an exit status: 0 if its JobManager answers and at least so many TaskManagers have registered.
#
# Usage: healthy.sh HOST PORT TASKMANAGERS
set -euo pipefail

(($# == 3)) || {
  sed -n '2,4s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
  exit 2
}

exec 3<>"/dev/tcp/$1/$2"
printf 'GET /overview HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$1" >&3
taskmanagers=$(timeout 5 sed -n 's/.*"taskmanagers":\([0-9]*\).*/\1/p' <&3)
((${taskmanagers:--1} >= $3))
