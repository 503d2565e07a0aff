package io.contrastream.topics.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;

/** As much of a schema registry as is asked for, in memory. */
final class FakeRegistry implements AutoCloseable {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final HttpServer server;
    private final String scheme;
    private final List<ObjectNode> schemas = new ArrayList<>();
    private final Map<String, List<Integer>> subjects = new TreeMap<>();

    /** Requests, as method and path. */
    final List<String> asked = new CopyOnWriteArrayList<>();

    /** Authorization that a request must have; null for none. */
    volatile String authorization;

    FakeRegistry() throws IOException {
        this(null);
    }

    /** @param tls null for none */
    FakeRegistry(SSLContext tls) throws IOException {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        if (tls == null) {
            server = HttpServer.create(address, 0);
            scheme = "http";
        } else {
            HttpsServer secure = HttpsServer.create(address, 0);
            secure.setHttpsConfigurator(new HttpsConfigurator(tls));
            server = secure;
            scheme = "https";
        }
        server.createContext("/", this::answer);
        server.start();
    }

    String url() {
        return scheme + "://localhost:" + server.getAddress().getPort();
    }

    Map<String, String> properties(String... more) {
        Map<String, String> properties = new TreeMap<>(Map.of("schema.registry.url", url()));
        for (int i = 0; i < more.length; i += 2) {
            properties.put(more[i], more[i + 1]);
        }
        return properties;
    }

    /** Ids count from 101. */
    synchronized int add(String subject, String schema, String type, JsonNode references) {
        ObjectNode stored = JSON.objectNode().put("schema", schema).put("schemaType", type);
        stored.set("references", references);
        int id = 101 + schemas.indexOf(stored);
        if (id == 100) {
            schemas.add(stored);
            id = 100 + schemas.size();
        }
        List<Integer> ids = subjects.computeIfAbsent(subject, name -> new ArrayList<>());
        if (!ids.contains(id)) {
            ids.add(id);
        }
        return id;
    }

    int add(String subject, String schema) {
        return add(subject, schema, "AVRO", JSON.arrayNode());
    }

    private synchronized void answer(HttpExchange exchange) throws IOException {
        asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
        if (authorization != null
                && !authorization.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            reply(exchange, 401, JSON.objectNode().put("error_code", 40101).put("message", "Unauthorized"));
            return;
        }
        List<String> path = Arrays.stream(
                        exchange.getRequestURI().getRawPath().substring(1).split("/"))
                .map(part -> URLDecoder.decode(part, StandardCharsets.UTF_8))
                .toList();
        boolean post = exchange.getRequestMethod().equals("POST");
        if (path.get(0).equals("schemas")) {
            int id = Integer.parseInt(path.get(2)) - 101;
            if (id < 0 || id >= schemas.size()) {
                reply(exchange, 404, JSON.objectNode().put("error_code", 40403).put("message", "Schema not found"));
            } else {
                reply(exchange, 200, schemas.get(id));
            }
            return;
        }
        List<Integer> ids = subjects.getOrDefault(path.get(1), List.of());
        if (post) {
            JsonNode body = MAPPER.readTree(exchange.getRequestBody());
            String schema = body.path("schema").asText();
            int known = ids.stream()
                    .filter(id -> schemas.get(id - 101).path("schema").asText().equals(schema))
                    .findFirst()
                    .orElse(0);
            if (path.size() == 2 && known == 0) {
                reply(exchange, 404, JSON.objectNode().put("error_code", 40401).put("message", "Subject not found"));
            } else {
                reply(exchange, 200, JSON.objectNode().put("id", known == 0 ? add(path.get(1), schema) : known));
            }
        } else if (ids.isEmpty()) {
            reply(exchange, 404, JSON.objectNode().put("error_code", 40401).put("message", "Subject not found"));
        } else if (path.size() == 3) {
            ArrayNode versions = JSON.arrayNode();
            for (int version = 1; version <= ids.size(); version++) {
                versions.add(version);
            }
            reply(exchange, 200, versions);
        } else {
            int id = ids.get(Integer.parseInt(path.get(3)) - 1);
            reply(exchange, 200, schemas.get(id - 101).deepCopy().put("id", id));
        }
    }

    private static void reply(HttpExchange exchange, int status, JsonNode json) throws IOException {
        byte[] body = json.toString().getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, body.length);
        try (exchange) {
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
