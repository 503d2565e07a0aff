package io.contrastream.topics.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.contrastream.schemas.BinaryRecord;
import io.contrastream.topics.TopicException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.avro.Schema;

/**
 * Asks a server that speaks the REST interface of Confluent's schema registry. Whoever asks keeps the answers, and not this: its threads end
 * when nobody refers to it any more. Thread-safe.
 *
 * <p>Source: Confluent's "Schema Registry API Reference".
 */
final class Registry {

    private static final String TYPE = "application/vnd.schemaregistry.v1+json";
    private static final Duration CONNECTING = Duration.ofSeconds(5);
    private static final Duration ANSWERING = Duration.ofSeconds(15);
    private static final int NOT_FOUND = 404;
    private static final int MOST_REFERENCES = 100;
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final RegistryOptions options;
    private final RegistryAccess access;
    private final HttpClient client;

    /** @throws TopicException if secrets, keys or certificates cannot be read */
    Registry(RegistryOptions options) {
        this.options = options;
        this.access = RegistryAccess.of(options);
        this.client = access.client(CONNECTING);
    }

    /**
     * The id of a schema under a subject: registered if the options allow it and it is not there.
     *
     * @throws UnansweredException if the registry does not answer
     * @throws TopicException if it refuses, or does not have the schema and must not be given it
     */
    int id(String subject, Schema schema) throws UnansweredException {
        String path = "/subjects/" + encoded(subject) + (options.register() ? "/versions" : "");
        String body = JsonNodeFactory.instance
                .objectNode()
                .put("schema", schema.toString())
                .put("schemaType", "AVRO")
                .toString();
        Answer answer = ask(path, Optional.of(body));
        if (answer.status() == NOT_FOUND && !options.register()) {
            throw new TopicException("the schema registry at " + address() + " does not have the schema of "
                    + schema.getName() + " under the subject '" + subject + "', and " + RegistryOptions.REGISTER
                    + " is false: register it there, or set it to true (" + answer.problem() + ")");
        }
        return requireDone(answer, "the schema of " + schema.getName() + " under the subject '" + subject + "'")
                .path("id")
                .asInt();
    }

    /**
     * The schema of an id.
     *
     * @return empty if there is none
     * @throws UnsupportedSchemaException if it is not one of Avro
     * @throws UnansweredException if the registry does not answer
     * @throws TopicException if it refuses
     */
    Optional<StoredSchema> schema(int id) throws UnansweredException, UnsupportedSchemaException {
        Answer answer = ask("/schemas/ids/" + id, Optional.empty());
        return answer.status() == NOT_FOUND
                ? Optional.empty()
                : Optional.of(stored(requireDone(answer, "the schema of id " + id)));
    }

    /**
     * All schemas of a subject that are Avro's, by id.
     *
     * @return empty if there is no such subject
     * @throws UnansweredException if the registry does not answer
     * @throws TopicException if it refuses
     */
    Map<Integer, StoredSchema> schemas(String subject) throws UnansweredException {
        Map<Integer, StoredSchema> schemas = new TreeMap<>();
        String path = "/subjects/" + encoded(subject) + "/versions";
        Answer versions = ask(path, Optional.empty());
        if (versions.status() != NOT_FOUND) {
            for (JsonNode number : requireDone(versions, "the versions of the subject '" + subject + "'")) {
                Answer answer = ask(path + "/" + number.asInt(), Optional.empty());
                if (answer.status() != NOT_FOUND) {
                    JsonNode version = requireDone(answer, "a version of the subject '" + subject + "'");
                    readable(version)
                            .ifPresent(schema -> schemas.put(version.path("id").asInt(), schema));
                }
            }
        }
        return schemas;
    }

    /** One that is not is told of when a record was written with it. */
    private Optional<StoredSchema> readable(JsonNode version) throws UnansweredException {
        try {
            return Optional.of(stored(version));
        } catch (UnsupportedSchemaException e) {
            return Optional.empty();
        }
    }

    private StoredSchema stored(JsonNode answer) throws UnansweredException, UnsupportedSchemaException {
        String type = answer.path("schemaType").asText("AVRO");
        if (!type.equals("AVRO")) {
            throw new UnsupportedSchemaException("is of type " + type + ", not AVRO");
        }
        List<String> referenced = new ArrayList<>();
        addReferenced(answer.path("references"), referenced);
        StoredSchema stored = new StoredSchema(answer.path("schema").asText(), referenced);
        try {
            BinaryRecord.parse(stored.text(), stored.referenced());
        } catch (IllegalArgumentException e) {
            throw new UnsupportedSchemaException("is not read by Avro: " + e.getMessage());
        }
        return stored;
    }

    /** Those that others name first, each once. */
    private void addReferenced(JsonNode references, List<String> referenced)
            throws UnansweredException, UnsupportedSchemaException {
        for (JsonNode reference : references) {
            String subject = reference.path("subject").asText();
            JsonNode version = requireDone(
                    ask(
                            "/subjects/" + encoded(subject) + "/versions/"
                                    + reference.path("version").asInt(),
                            Optional.empty()),
                    "a version of the subject '" + subject + "'");
            addReferenced(version.path("references"), referenced);
            String text = version.path("schema").asText();
            if (!referenced.contains(text)) {
                referenced.add(text);
            }
            if (referenced.size() > MOST_REFERENCES) {
                throw new UnsupportedSchemaException("refers to more than " + MOST_REFERENCES + " others");
            }
        }
    }

    private JsonNode requireDone(Answer answer, String what) {
        if (answer.status() / 100 != 2) {
            throw new TopicException(
                    "the schema registry at " + address() + " refuses " + what + ": " + answer.problem());
        }
        return answer.body();
    }

    /** Each address in turn; the last problem is the one that is told. */
    private Answer ask(String path, Optional<String> body) throws UnansweredException {
        UnansweredException failure = null;
        for (String url : options.urls()) {
            try {
                HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(RegistryOptions.shown(url) + path))
                        .timeout(ANSWERING)
                        .header("Accept", TYPE + ", application/json");
                access.authorization(url).ifPresent(value -> request.header("Authorization", value));
                body.ifPresent(text -> request.header("Content-Type", TYPE)
                        .POST(HttpRequest.BodyPublishers.ofString(text, StandardCharsets.UTF_8)));
                HttpResponse<byte[]> response = client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
                if (response.statusCode() < 500) {
                    return Answer.of(response.statusCode(), response.body());
                }
                failure = new UnansweredException(
                        "the schema registry at " + RegistryOptions.shown(url) + " fails: "
                                + Answer.of(response.statusCode(), response.body())
                                        .problem(),
                        null);
            } catch (IOException e) {
                failure = new UnansweredException(
                        "no answer from the schema registry at " + RegistryOptions.shown(url) + " ("
                                + RegistryOptions.URL + "): " + reason(e),
                        e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new TopicException("interrupted while the schema registry was asked", e);
            }
        }
        throw failure;
    }

    private String address() {
        return RegistryOptions.shown(options.urls().get(0));
    }

    private static String encoded(String subject) {
        return URLEncoder.encode(subject, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** Java says nothing of an address at which nobody listens. */
    private static String reason(IOException failure) {
        if (failure instanceof ConnectException && failure.getMessage() == null) {
            return "nobody listens there, or the host is not known";
        }
        return failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
    }

    /**
     * An answer.
     *
     * @param body missing if it is not JSON
     */
    private record Answer(int status, JsonNode body) {

        static Answer of(int status, byte[] body) {
            try {
                return new Answer(status, MAPPER.readTree(body));
            } catch (IOException notJson) {
                return new Answer(status, MissingNode.getInstance());
            }
        }

        /** In the registry's words, if it has some. */
        String problem() {
            String said = body.path("message").asText(body.path("title").asText(""));
            return "status " + status
                    + (said.isEmpty() ? "" : ", '" + said + "'")
                    + (status == 401 || status == 403
                            ? "; " + RegistryOptions.USER + " and " + RegistryOptions.TOKEN + " say who asks"
                            : "");
        }
    }
}
