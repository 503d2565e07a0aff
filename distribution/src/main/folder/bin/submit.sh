#!/usr/bin/env bash
# Submits the learning job to a running cluster, unless a job of that name runs there already. It resumes from the newest complete
# checkpoint in the given folder of this machine, if there is one.
#
# Usage: submit.sh JOBMANAGER_HOST:PORT CHECKPOINT_FOLDER [--KEY VALUE ...]
set -euo pipefail
bin=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")

(($# >= 2)) || {
  sed -n '2,5s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
  exit 2
}
jobmanager=$1
folder=$2
shift 2

name=contrastream-learning
for ((i = 1; i < $#; i++)); do
  if [[ ${!i} == --job.name ]]; then
    next=$((i + 1))
    name=${!next}
  fi
done

running=$("$bin/flink" list -m "$jobmanager")
if grep -qF " : $name (" <<<"$running"; then
  echo "The job $name is already there."
  exit 0
fi

# A checkpoint is complete once it has its metadata.
checkpoint=
if [[ -e $folder ]]; then
  # What cannot be read is an error: to start afresh would be to forget.
  checkpoint=$(find "$folder" -ignore_readdir_race -path '*/chk-*/_metadata' -printf '%T@ %h\n' | sort -n | tail -n 1 | cut -d ' ' -f 2-)
fi
resume=()
if [[ -n $checkpoint ]]; then
  echo "Resuming from $checkpoint"
  resume=(--fromSavepoint "file://$checkpoint")
fi

exec "$bin/flink" run --detached --jobmanager "$jobmanager" "${resume[@]}" "$bin/../usrlib/contrastream-job.jar" \
  --job.checkpoint-directory "file://$folder" "$@"
