package io.contrastream.benchmarks.encoder;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.contrastream.learning.encoder.DeviceOptions;
import io.contrastream.learning.encoder.EncoderEngine.Launches;
import io.contrastream.learning.network.EncoderSpec;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Measurements of an encoder, with machine and settings: a JSON object, or lines for people. Other programs rely on the keys;
 * {@code benchmarks/peers/bench_encoder} has the same, with its Python for Java.
 */
public final class EncoderReport {

    private final ObjectNode json = JsonNodeFactory.instance.objectNode();

    /** @param precision that the encoder works in, which the options may have left open */
    public EncoderReport where(String engine, String version, DeviceOptions device, DeviceOptions.Precision precision) {
        json.put("engine", engine);
        json.put("device", device.device());
        json.put("precision", precision.toString());
        json.put("deterministic", device.deterministic());
        json.put("threads", device.threads() == 0 ? Machine.cores() : device.threads());
        json.put("cpu", Machine.processor());
        json.put("version", version);
        json.put("java", System.getProperty("java.version"));
        return this;
    }

    public EncoderReport with(EncoderSpec spec, String optimizer, int batch) {
        json.put("architecture", spec.architecture().id());
        json.put("stem", spec.stem().id());
        json.put("width", spec.width());
        json.put("size", spec.input().width());
        json.put("batch", batch);
        json.put("optimizer", optimizer);
        return this;
    }

    public EncoderReport measured(EncoderBenchmark.Figures figures) {
        put("forward", figures.forward());
        put("train", figures.train());
        json.put("train_loss", figures.loss());
        put("peak_rss_bytes", Machine.peakResidentBytes());
        put("peak_device_bytes", figures.peakDeviceBytes());
        return this;
    }

    /** Adds what many steps take of memory. */
    public void grown(EncoderBenchmark.Growth growth) {
        json.put("memory_steps", growth.steps());
        put("rss_bytes_early", growth.early().residentBytes());
        put("rss_bytes_end", growth.end().residentBytes());
        put("device_bytes_early", growth.early().deviceBytes());
        put("device_bytes_end", growth.end().deviceBytes());
    }

    /** Adds the shares of the time of {@code forward} or {@code train}; none if the engine cannot tell. */
    public void profiled(String what, Map<String, Double> shares) {
        ObjectNode profile = json.putObject(what + "_profile");
        shares.forEach(profile::put);
    }

    /** Adds the commands to the device in one call of {@code forward} or {@code train}, as far as the engine can tell. */
    public void launched(String what, Optional<Launches> launches) {
        put(
                what + "_operations",
                launches.stream().mapToLong(Launches::operations).findFirst());
        put(what + "_waits", launches.map(Launches::waits).orElse(OptionalLong.empty()));
    }

    private void put(String what, Timings timings) {
        json.put(
                what + "_images_per_second", timings.perSecond(json.get("batch").asInt()));
        json.put(what + "_ms", timings.medianMillis());
        json.put(what + "_ms_p95", timings.percentileMillis(95));
        json.put(what + "_calls", timings.count());
    }

    private void put(String key, OptionalLong value) {
        json.set(key, value.isPresent() ? json.numberNode(value.getAsLong()) : json.nullNode());
    }

    /** As far as it goes, for a report of more than the encoder. */
    public ObjectNode node() {
        return json;
    }

    public String json() {
        return json.toString();
    }

    public String text() {
        return String.join(
                System.lineSeparator(),
                "%s, %s stem, width %s, %s pixels a side, batches of %s, %s"
                        .formatted(values("architecture", "stem", "width", "size", "batch", "optimizer")),
                "%s on %s, %s, %s threads, %s, Java %s"
                        .formatted(values("engine", "device", "precision", "threads", "cpu", "java")),
                timings("forward"),
                timings("train")
                        + String.format(
                                Locale.ROOT,
                                ", loss %.3f",
                                json.get("train_loss").asDouble()),
                "peak memory " + mebibytes("peak_rss_bytes") + ", of the device " + mebibytes("peak_device_bytes")
                        + growth() + profile("forward") + profile("train"));
    }

    private Object[] values(String... keys) {
        return Arrays.stream(keys).map(key -> json.get(key).asText()).toArray();
    }

    private String timings(String what) {
        return String.format(
                Locale.ROOT,
                "%-8s %9.1f images/s  %9.2f ms (p95 %.2f, %d calls)",
                what,
                json.get(what + "_images_per_second").asDouble(),
                json.get(what + "_ms").asDouble(),
                json.get(what + "_ms_p95").asDouble(),
                json.get(what + "_calls").asInt());
    }

    private String growth() {
        return json.get("memory_steps") == null
                ? ""
                : String.format(
                        Locale.ROOT,
                        "%nmemory   %d steps: %s after a tenth, %s at the end; of the device %s, %s",
                        json.get("memory_steps").asInt(),
                        mebibytes("rss_bytes_early"),
                        mebibytes("rss_bytes_end"),
                        mebibytes("device_bytes_early"),
                        mebibytes("device_bytes_end"));
    }

    /** Lines with what takes at least a hundredth, if there was a profile. */
    private String profile(String what) {
        JsonNode profile = json.get(what + "_profile");
        if (profile == null) {
            return "";
        }
        StringBuilder lines = new StringBuilder();
        lines.append(System.lineSeparator())
                .append(what)
                .append(": ")
                .append(count(what + "_operations", "operations launched"))
                .append(", ")
                .append(count(what + "_waits", "waits"))
                .append(profile.isEmpty() ? "; the engine tells no shares" : "");
        profile.properties().stream()
                .filter(share -> share.getValue().asDouble() >= 0.01)
                .forEach(share -> lines.append(String.format(
                        Locale.ROOT, "%n%7.1f%% %s", 100 * share.getValue().asDouble(), share.getKey())));
        return lines.toString();
    }

    private String count(String key, String what) {
        return (json.path(key).isNumber() ? json.get(key).asText() : "unknown") + " " + what;
    }

    private String mebibytes(String key) {
        return json.get(key).isNull() ? "unknown" : (json.get(key).asLong() >> 20) + " MiB";
    }
}
