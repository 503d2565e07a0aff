package io.contrastream.topics;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.AbstractConfig;

/** Properties that are meant for several of Kafka's clients, of which each has its own. */
public final class ClientProperties {

    private ClientProperties() {}

    /**
     * Those that a client knows. What takes secrets out of files or the environment has names of its users' own.
     *
     * @param known the client's names of properties
     */
    public static Map<String, Object> of(Map<String, String> properties, Set<String> known) {
        Map<String, Object> own = new HashMap<>();
        properties.forEach((key, value) -> {
            if (known.contains(key) || key.startsWith(AbstractConfig.CONFIG_PROVIDERS_CONFIG)) {
                own.put(key, value);
            }
        });
        return own;
    }
}
