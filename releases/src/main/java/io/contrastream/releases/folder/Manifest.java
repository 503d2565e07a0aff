package io.contrastream.releases.folder;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.contrastream.releases.ReleaseException;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Description of a release: its {@code manifest.json}.
 *
 * @param model name of the model
 * @param version optimiser steps taken since the model's start
 * @param parent version of the release before it; empty for the first
 * @param releasedAt when the encoder was written
 * @param fingerprint of the network, from which {@code EncoderSpec.parse} makes the specification
 * @param options of the job that learned it, by key
 * @param figures of the model at release, by name, such as {@code windowAccuracy} in [0, 1]
 * @param data counts of what it has learned from, by name, such as {@code imagesSeen}
 * @param strangeness of held-out images of known classes, ascending: what a threshold for images of
 *     no known class is taken from; empty if there were none
 * @param files what belongs to the release beside the manifest, by name
 */
public record Manifest(
        String model,
        long version,
        OptionalLong parent,
        Instant releasedAt,
        String fingerprint,
        SortedMap<String, String> options,
        SortedMap<String, Double> figures,
        SortedMap<String, Long> data,
        List<Double> strangeness,
        SortedMap<String, StoredFile> files) {

    /** The form of release that is written, and the newest that is read. */
    public static final int FORMAT_VERSION = 1;

    private static final String FORMAT = "contrastream-release";
    private static final String FORMAT_KEY = "format";
    /** Releases before had another measure under another name: for them, there is no threshold. */
    private static final String STRANGENESS_KEY = "heldOutStrangeness";

    private static final String FORMAT_VERSION_KEY = "formatVersion";
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    public Manifest {
        options = Collections.unmodifiableSortedMap(new TreeMap<>(options));
        figures = Collections.unmodifiableSortedMap(new TreeMap<>(figures));
        data = Collections.unmodifiableSortedMap(new TreeMap<>(data));
        strangeness = List.copyOf(strangeness);
        files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
    }

    /**
     * A file of a release.
     *
     * @param bytes its size
     * @param sha256 its hash, 64 lower-case hexadecimal digits
     */
    public record StoredFile(long bytes, String sha256) {}

    /** As JSON, from which {@link #parse} makes an equal one; the same text for equal manifests. */
    public String json() {
        ObjectNode root = JSON.createObjectNode()
                .put(FORMAT_KEY, FORMAT)
                .put(FORMAT_VERSION_KEY, FORMAT_VERSION)
                .put("model", model)
                .put("version", version);
        parent.ifPresentOrElse(before -> root.put("parent", before), () -> root.putNull("parent"));
        root.put("releasedAt", releasedAt.toString()).put("fingerprint", fingerprint);
        ObjectNode optionsNode = root.putObject("options");
        options.forEach(optionsNode::put);
        ObjectNode figuresNode = root.putObject("figures");
        figures.forEach(figuresNode::put);
        ObjectNode dataNode = root.putObject("data");
        data.forEach(dataNode::put);
        ArrayNode strangenessNode = root.putArray(STRANGENESS_KEY);
        strangeness.forEach(strangenessNode::add);
        ObjectNode filesNode = root.putObject("files");
        files.forEach((name, file) ->
                filesNode.putObject(name).put("bytes", file.bytes()).put("sha256", file.sha256()));
        try {
            return JSON.writeValueAsString(root) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree can always be written", e);
        }
    }

    /**
     * Reads one.
     *
     * @param release what to call it in messages
     * @throws ReleaseException if it is damaged, of something else, or of a newer form than is known here
     */
    public static Manifest parse(String release, byte[] json) throws ReleaseException {
        JsonNode root = tree(release, json);
        if (!root.path(FORMAT_KEY).asText().equals(FORMAT)) {
            throw new ReleaseException(
                    release,
                    "its " + Release.MANIFEST + " is not of a release: its format is " + root.path(FORMAT_KEY));
        }
        JsonNode formatVersion = root.path(FORMAT_VERSION_KEY);
        if (formatVersion.asInt(0) > FORMAT_VERSION) {
            throw new ReleaseException(
                    release,
                    "it has format version " + formatVersion + ", but this program reads releases up to version "
                            + FORMAT_VERSION + "; take a newer one");
        }
        if (formatVersion.asInt(0) != FORMAT_VERSION) {
            throw damaged(release, "its format version is " + formatVersion);
        }
        try {
            return of(root);
        } catch (IllegalArgumentException e) {
            throw damaged(release, e.getMessage());
        }
    }

    private static JsonNode tree(String release, byte[] json) throws ReleaseException {
        try {
            JsonNode root = JSON.readTree(json);
            if (root != null && root.isObject()) {
                return root;
            }
        } catch (IOException e) {
            throw new ReleaseException(release, "its " + Release.MANIFEST + " is damaged: it is not JSON", e);
        }
        throw damaged(release, "it is no JSON object");
    }

    private static ReleaseException damaged(String release, String problem) {
        return new ReleaseException(release, "its " + Release.MANIFEST + " is damaged: " + problem);
    }

    private static Manifest of(JsonNode root) {
        SortedMap<String, String> options = new TreeMap<>();
        object(root, "options")
                .properties()
                .forEach(field -> options.put(field.getKey(), field.getValue().asText()));
        SortedMap<String, Double> figures = new TreeMap<>();
        object(root, "figures")
                .properties()
                .forEach(field -> figures.put(field.getKey(), field.getValue().asDouble()));
        SortedMap<String, Long> data = new TreeMap<>();
        object(root, "data")
                .properties()
                .forEach(field -> data.put(field.getKey(), field.getValue().asLong()));
        List<Double> strangeness = new ArrayList<>();
        root.path(STRANGENESS_KEY).forEach(value -> strangeness.add(value.asDouble()));
        SortedMap<String, StoredFile> files = new TreeMap<>();
        object(root, "files")
                .properties()
                .forEach(field -> files.put(
                        field.getKey(),
                        new StoredFile(whole(field.getValue(), "bytes"), text(field.getValue(), "sha256"))));
        JsonNode parent = root.path("parent");
        return new Manifest(
                text(root, "model"),
                whole(root, "version"),
                parent.isNull() || parent.isMissingNode()
                        ? OptionalLong.empty()
                        : OptionalLong.of(whole(root, "parent")),
                time(root, "releasedAt"),
                text(root, "fingerprint"),
                options,
                figures,
                data,
                strangeness,
                files);
    }

    private static JsonNode object(JsonNode node, String name) {
        if (!node.path(name).isObject()) {
            throw new IllegalArgumentException("'" + name + "' must be an object, but is " + node.path(name));
        }
        return node.path(name);
    }

    private static Instant time(JsonNode node, String name) {
        try {
            return Instant.parse(text(node, name));
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "'" + name + "' must be a time such as 2026-01-31T12:00:00Z, but is " + node.path(name), e);
        }
    }

    private static String text(JsonNode node, String name) {
        if (!node.path(name).isTextual()) {
            throw new IllegalArgumentException("'" + name + "' must be a text, but is " + node.path(name));
        }
        return node.path(name).asText();
    }

    private static long whole(JsonNode node, String name) {
        if (!node.path(name).canConvertToLong() || node.path(name).asLong() < 0) {
            throw new IllegalArgumentException(
                    "'" + name + "' must be a whole number of at least 0, but is " + node.path(name));
        }
        return node.path(name).asLong();
    }
}
