package io.contrastream.topics.format;

import java.io.Serializable;
import java.net.URI;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.config.AbstractConfig;

/**
 * How to reach a schema registry, by the properties that Confluent's clients have for it. As with the properties of Kafka's own clients, a
 * value may name a secret for Kafka's configuration providers, which is read when a registry is asked and not before.
 *
 * @param urls of the registry, the first that answers is asked
 * @param register whether schemas that it does not have are registered
 * @param subject under which name
 * @param properties all that concern it; may hold secrets, which {@link #toString} does not show
 */
public record RegistryOptions(List<String> urls, boolean register, Subject subject, Map<String, String> properties)
        implements Serializable {

    /** The property of its addresses. */
    public static final String URL = "schema.registry.url";

    static final String REGISTER = "auto.register.schemas";
    static final String SUBJECT = "value.subject.name.strategy";
    static final String SSL = "schema.registry.ssl.";
    static final String USER = "basic.auth.user.info";
    static final String USER_SOURCE = "basic.auth.credentials.source";
    static final String TOKEN = "bearer.auth.token";
    static final String TOKEN_SOURCE = "bearer.auth.credentials.source";

    private static final Set<String> KNOWN = Set.of(
            URL,
            REGISTER,
            SUBJECT,
            USER,
            USER_SOURCE,
            TOKEN,
            TOKEN_SOURCE,
            SSL + "truststore.location",
            SSL + "truststore.password",
            SSL + "truststore.type",
            SSL + "truststore.certificates",
            SSL + "keystore.location",
            SSL + "keystore.password",
            SSL + "keystore.type",
            SSL + "key.password",
            SSL + "protocol",
            SSL + "enabled.protocols");

    /** Those of Confluent's serializers that would change what is written, and are not obeyed here. */
    private static final Set<String> UNSUPPORTED =
            Set.of("use.latest.version", "normalize.schemas", "use.schema.id", "key.subject.name.strategy");

    private static final List<String> PREFIXES = List.of("schema.registry.", "basic.auth.", "bearer.auth.");

    /** Copies. */
    public RegistryOptions {
        urls = List.copyOf(urls);
        properties = Map.copyOf(properties);
    }

    /** Whether a property is the registry's rather than one of Kafka's clients. */
    public static boolean concerns(String property) {
        return KNOWN.contains(property)
                || UNSUPPORTED.contains(property)
                || PREFIXES.stream().anyMatch(property::startsWith);
    }

    /**
     * Those among properties of Kafka's clients.
     *
     * @throws IllegalArgumentException naming the property if one is missing, unknown or out of its range
     */
    public static RegistryOptions of(Map<String, String> properties) {
        Map<String, String> own = new HashMap<>();
        properties.forEach((key, value) -> {
            if (concerns(key)) {
                require(
                        KNOWN.contains(key),
                        key,
                        "is not supported; those of a registry are " + String.join(", ", new TreeSet<>(KNOWN)));
                own.put(key, value);
            } else if (key.startsWith(AbstractConfig.CONFIG_PROVIDERS_CONFIG)) {
                own.put(key, value);
            }
        });
        require(
                own.containsKey(URL),
                URL,
                "is not set, but the format confluent needs it, such as http://registry:8081");
        List<String> urls = Arrays.stream(own.get(URL).split(",", -1))
                .map(url -> url.strip().replaceAll("/+$", ""))
                .toList();
        require(
                urls.stream().allMatch(RegistryOptions::isAddress),
                URL,
                "is '" + own.get(URL) + "', but must be addresses such as http://registry:8081, parted by commas");
        requireOneOf(own, REGISTER, "true", "false");
        requireOneOf(own, USER_SOURCE, "USER_INFO", "URL");
        requireOneOf(own, TOKEN_SOURCE, "STATIC_TOKEN");
        return new RegistryOptions(urls, !"false".equals(own.get(REGISTER)), subject(own), own);
    }

    private static Subject subject(Map<String, String> own) {
        try {
            return Subject.of(own.getOrDefault(SUBJECT, "TopicNameStrategy"));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(SUBJECT + " " + e.getMessage(), e);
        }
    }

    private static void requireOneOf(Map<String, String> own, String key, String... allowed) {
        String value = own.getOrDefault(key, allowed[0]);
        require(
                List.of(allowed).contains(value),
                key,
                "is '" + value + "', but must be " + String.join(" or ", allowed));
    }

    private static void require(boolean condition, String property, String problem) {
        if (!condition) {
            throw new IllegalArgumentException(property + " " + problem);
        }
    }

    private static boolean isAddress(String url) {
        try {
            URI uri = URI.create(url);
            return ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme())) && uri.getHost() != null;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** A URL without the user and the password that it may have. */
    static String shown(String url) {
        return url.replaceFirst("//[^/@]*@", "//");
    }

    /** Everything but secrets. */
    @Override
    public String toString() {
        return "RegistryOptions[urls="
                + urls.stream().map(RegistryOptions::shown).toList() + ", register=" + register + ", subject=" + subject
                + ", properties="
                + new TreeSet<>(properties.keySet()) + "]";
    }
}
