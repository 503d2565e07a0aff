package io.contrastream.topics.format;

import io.contrastream.topics.TopicException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.security.ssl.DefaultSslEngineFactory;

/**
 * Who asks a registry, and whom it trusts: with secrets as they are now.
 *
 * @param properties without anything that is still to be looked up
 */
record RegistryAccess(Map<String, String> properties) {

    /**
     * Looks up the secrets that the properties name.
     *
     * @throws TopicException if one cannot be had
     */
    static RegistryAccess of(RegistryOptions options) {
        try {
            Map<String, String> resolved = new HashMap<>();
            new AbstractConfig(new ConfigDef(), options.properties(), false)
                    .originals()
                    .forEach((key, value) -> resolved.put(key, value.toString()));
            return new RegistryAccess(resolved);
        } catch (KafkaException e) {
            throw new TopicException("the properties of the schema registry cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * A client that trusts, and shows, what the properties say.
     *
     * @throws TopicException if its keys or certificates cannot be read
     */
    HttpClient client(Duration connecting) {
        HttpClient.Builder client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(connecting);
        Map<String, String> ssl = new HashMap<>();
        properties.forEach((key, value) -> {
            if (key.startsWith(RegistryOptions.SSL)) {
                ssl.put(key.substring("schema.registry.".length()), value);
            }
        });
        if (!ssl.isEmpty()) {
            // Kafka's own reading of keys: the same types and names as for brokers.
            try (DefaultSslEngineFactory keys = new DefaultSslEngineFactory()) {
                keys.configure(new ConfigDef().withClientSslSupport().parse(ssl));
                client.sslContext(keys.sslContext());
            } catch (KafkaException e) {
                Throwable reason = e.getCause() == null ? e : e.getCause();
                throw new TopicException(
                        "the keys or certificates of " + RegistryOptions.SSL + "* cannot be used: "
                                + reason.getMessage(),
                        e);
            }
        }
        return client.build();
    }

    /** Authorization header of a request. */
    Optional<String> authorization(String url) {
        String token = properties.get(RegistryOptions.TOKEN);
        if (token != null) {
            return Optional.of("Bearer " + token);
        }
        String user = "URL".equals(properties.get(RegistryOptions.USER_SOURCE))
                ? URI.create(url).getUserInfo()
                : properties.get(RegistryOptions.USER);
        return Optional.ofNullable(user)
                .map(text -> "Basic " + Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8)));
    }
}
