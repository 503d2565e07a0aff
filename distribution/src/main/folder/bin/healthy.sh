#!/usr/bin/env bash
# Whether a server is healthy, as an exit status: 0 if a JobManager answers and at least so many TaskManagers have registered, or,
# without a number of them, if a live page answers, even if only that a token is needed.
#
# Usage: healthy.sh HOST PORT [TASKMANAGERS]
set -euo pipefail

(($# == 2 || $# == 3)) || {
  sed -n '2,5s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
  exit 2
}

exec 3<>"/dev/tcp/$1/$2"
path=/
(($# == 2)) || path=/overview
printf 'GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$path" "$1" >&3
if (($# == 2)); then
  read -r -t 5 answer <&3
  [[ $answer =~ ^HTTP/1\.1\ (200|403) ]]
  exit
fi
taskmanagers=$(timeout 5 sed -n 's/.*"taskmanagers":\([0-9]*\).*/\1/p' <&3)
((${taskmanagers:--1} >= $3))
