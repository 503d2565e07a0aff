package io.contrastream.distribution;

import io.contrastream.testing.Folder;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/**
 * The services of {@code docker/compose.yaml}.
 *
 * @param services by their name
 */
record ComposeFile(Map<String, Map<?, ?>> services) {

    static ComposeFile read() throws IOException {
        Map<String, Map<?, ?>> services = new TreeMap<>();
        Map<?, ?> all =
                (Map<?, ?>) YamlFile.at(YamlFile.read(Folder.REPOSITORY.resolve("docker/compose.yaml")), "services");
        all.forEach((name, service) -> services.put(name.toString(), (Map<?, ?>) service));
        return new ComposeFile(services);
    }

    /** Those that run the image of this project. */
    Map<String, Map<?, ?>> ours() {
        Map<String, Map<?, ?>> ours = new TreeMap<>(services);
        ours.values().removeIf(service -> !service.get("image").toString().startsWith("contrastream:"));
        return ours;
    }
}
