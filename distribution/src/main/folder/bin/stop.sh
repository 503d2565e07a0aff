#!/usr/bin/env bash
# Stops the learning job on a running cluster with a savepoint, which submit.sh goes on from.
#
# Usage: stop.sh [-m JOBMANAGER_HOST:PORT] [--config FILE] [--savepoint-directory URI] [--KEY VALUE]...
#        stop.sh --help
set -euo pipefail
exec "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/contrastream" stop "$@"
