#!/usr/bin/env bash
# Submits the learning job to a running cluster, unless a job of that name runs there. It goes on from the newest state that the
# job has left.
#
# Usage: submit.sh [-m JOBMANAGER_HOST:PORT] [--config FILE] [--savepoint PATH | --fresh] [--KEY VALUE]...
#        submit.sh --help
set -euo pipefail
exec "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/contrastream" submit "$@"
