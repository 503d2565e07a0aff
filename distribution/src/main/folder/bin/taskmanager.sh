#!/usr/bin/env bash
# Runs a TaskManager in the foreground. Arguments go to Flink, such as -D jobmanager.rpc.address=HOST.
set -euo pipefail
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/environment.sh"

choose_engine
find_java
read_jvm_options taskmanager "$@"
mapfile -t resources < <(flink_tool GET_TM_RESOURCE_PARAMS "$@")
((${#resources[@]} == 2)) || fail "Flink does not say how much memory the TaskManager gets."
read -ra memory <<<"${resources[0]}"
read -ra sizes <<<"${resources[1]}"
choose_log taskmanager log4j.properties

# The engine's arrays lie outside the heap, where neither the JVM nor Flink counts them: JavaCPP refuses an allocation once
# the process has taken what taskmanager.memory.process.size gives it, before the container is killed for it.
process_bytes=0
for part in task.heap.size framework.heap.size task.off-heap.size framework.off-heap.size network.max managed.size \
  jvm-metaspace.size jvm-overhead.max; do
  bytes=$(sed -n "s/.*taskmanager\.memory\.${part//./\\.}=\([0-9]*\)b.*/\1/p" <<<"${resources[1]}")
  process_bytes=$((process_bytes + ${bytes:-0}))
done
engine=(-Dorg.bytedeco.javacpp.maxphysicalbytes="$process_bytes")

exec "$JAVA" "${memory[@]}" "${UTF_8_OPTIONS[@]}" "${engine[@]}" "${JVM_OPTIONS[@]}" "${LOG_OPTIONS[@]}" -cp "$CLUSTER_CLASS_PATH" \
  org.apache.flink.runtime.taskexecutor.TaskManagerRunner --configDir "$FLINK_CONF_DIR" "${sizes[@]}" "$@"
