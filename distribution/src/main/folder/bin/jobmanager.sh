#!/usr/bin/env bash
# Runs the JobManager of a Flink session cluster in the foreground. Arguments go to Flink, such as -D rest.port=8082.
set -euo pipefail
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/environment.sh"

choose_engine
find_java
read_jvm_options jobmanager "$@"
mapfile -t resources < <(flink_tool GET_JM_RESOURCE_PARAMS "$@")
((${#resources[@]} == 2)) || fail "Flink does not say how much memory the JobManager gets."
read -ra memory <<<"${resources[0]}"
read -ra sizes <<<"${resources[1]}"
choose_log jobmanager log4j.properties

exec "$JAVA" "${memory[@]}" "${UTF_8_OPTIONS[@]}" "${JVM_OPTIONS[@]}" "${LOG_OPTIONS[@]}" -cp "$CLUSTER_CLASS_PATH" \
  org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint \
  --configDir "$FLINK_CONF_DIR" "${sizes[@]}" "$@"
