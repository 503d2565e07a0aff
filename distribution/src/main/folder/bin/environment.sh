# Sourced by the scripts beside it: where things are, which Java, and what conf/config.yaml says.
#
# JAVA_HOME            the Java to use; the one on the PATH otherwise
# FLINK_CONF_DIR       folder of config.yaml and the logging configuration; conf/ of this folder otherwise
# FLINK_PLUGINS_DIR    folder of Flink's plugins (file systems, metric reporters); plugins/ of this folder otherwise
# CONTRASTREAM_ENGINE  the engine that encodes and learns: dl4j, the default, or torch
# CONTRASTREAM_LOG_DIR folder of the log files; log/ of this folder otherwise
# CONTRASTREAM_LOGS    how many log files of ended processes of one name are kept; 10 otherwise

CONTRASTREAM_HOME=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
export FLINK_CONF_DIR=${FLINK_CONF_DIR:-$CONTRASTREAM_HOME/conf}
export FLINK_PLUGINS_DIR=${FLINK_PLUGINS_DIR:-$CONTRASTREAM_HOME/plugins}
LOG_DIR=${CONTRASTREAM_LOG_DIR:-$CONTRASTREAM_HOME/log}
# The engine's threads wait for one another many times a step. If they spin meanwhile, which is the default, and anything else
# uses the cores, a step takes ten times as long.
export OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-passive}

# Names of files and what is printed are UTF-8, whatever the locale is: the classes of a data set must not depend on it.
[[ $(locale charmap 2>/dev/null) == UTF-8 ]] || { export LC_ALL=C.UTF-8; } 2>/dev/null
UTF_8_OPTIONS=(-Dfile.encoding=UTF-8 -Dsun.jnu.encoding=UTF-8
  -Dstdout.encoding=UTF-8 -Dstderr.encoding=UTF-8 -Dsun.stdout.encoding=UTF-8 -Dsun.stderr.encoding=UTF-8)

fail() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

# Sets CLUSTER_CLASS_PATH: what every process has, and one engine.
choose_engine() {
  local engine=${CONTRASTREAM_ENGINE:-dl4j}
  [[ $engine =~ ^[a-z0-9-]+$ && -d $CONTRASTREAM_HOME/engines/$engine ]] ||
    fail "there is no engine '$engine', but: $(cd "$CONTRASTREAM_HOME/engines" && echo *). Set CONTRASTREAM_ENGINE."
  CLUSTER_CLASS_PATH="$CONTRASTREAM_HOME/lib/*:$CONTRASTREAM_HOME/engines/$engine/*"
  if [[ $engine == torch ]]; then
    # LibTorch asks glibc for the same large blocks in every step. Memory that goes back to the system in between is mapped and
    # cleared anew each time, which takes up to a seventh of a step.
    export MALLOC_ARENA_MAX=${MALLOC_ARENA_MAX:-1} MALLOC_MMAP_MAX_=${MALLOC_MMAP_MAX_:-0}
    export MALLOC_TRIM_THRESHOLD_=${MALLOC_TRIM_THRESHOLD_:-1099511627776}
  fi
}

find_java() {
  JAVA=${JAVA_HOME:+$JAVA_HOME/bin/}java
  local version
  version=$("$JAVA" -version 2>&1) || fail "Java 17 or newer is needed; $JAVA does not start. Set JAVA_HOME or put java on the PATH."
  # Behind a line on JAVA_TOOL_OPTIONS, if that is set.
  version=$(sed -n 's/^[a-z]* version "\([0-9]*\).*/\1/p' <<<"$version")
  ((${version:-0} >= 17)) || fail "Java 17 or newer is needed; $JAVA is version ${version:-unknown}."
}

# Runs a command of Flink's BashJavaUtils and prints the lines of its result.
flink_tool() {
  local output
  output=$("$JAVA" "${UTF_8_OPTIONS[@]}" -Xmx128m -XX:TieredStopAtLevel=1 -Dlog4j2.level=WARN \
    -cp "$CLUSTER_CLASS_PATH" org.apache.flink.runtime.util.bash.BashJavaUtils "$1" --configDir "$FLINK_CONF_DIR" "${@:2}" 2>&1) ||
    fail "Flink refuses the configuration in $FLINK_CONF_DIR: $output"
  sed -n 's/^BASH_JAVA_UTILS_EXEC_RESULT://p' <<<"$output"
}

# Prints a setting's value, or nothing. CONFIGURATION holds "key: value" lines.
setting() {
  sed -n "s/^${1//./\\.}: *//p" <<<"$CONFIGURATION" | sed -e "s/^'\(.*\)'$/\1/" -e 's/^"\(.*\)"$/\1/'
}

# Sets JVM_OPTIONS to what the configuration asks for a process of the given kind (jobmanager, taskmanager or client).
read_jvm_options() {
  local process=$1
  CONFIGURATION=$(flink_tool UPDATE_AND_GET_FLINK_CONFIGURATION -flatten "${@:2}") || exit 1
  read -ra JVM_OPTIONS <<<"$(setting env.java.opts.all) $(setting "env.java.opts.$process")"
}

# Deletes the log files of processes of the given name that have ended, except the newest ones.
prune_logs() {
  local log process ended=()
  while read -r log; do
    process=${log%.log}
    [[ -d /proc/${process##*-} ]] || ended+=("$log")
  done < <(ls -t "$LOG_DIR" | grep -E "^$1-[0-9]+\.log$" || true)
  for log in "${ended[@]:${CONTRASTREAM_LOGS:-10}}"; do
    rm -f "$LOG_DIR/$log" "$LOG_DIR/$log".[0-9]*
  done
}

# Sets LOG_OPTIONS for a process of the given name with the given log4j configuration. Its log file has its process id, which is that
# of this shell, in its name: no other process writes or rotates it.
choose_log() {
  mkdir -p "$LOG_DIR" 2>/dev/null || LOG_DIR=$(mktemp -d "${TMPDIR:-/tmp}/contrastream-log.XXXXXX")
  prune_logs "$1"
  LOG_OPTIONS=("-Dlog.file=$LOG_DIR/$1-$$.log" "-Dlog4j.configurationFile=file:$FLINK_CONF_DIR/$2")
}
