package io.contrastream.releases.safetensors;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Header of a file.
 *
 * @param metadata free text by key
 * @param tensors in the order of their data, which they share without gaps
 */
public record Header(Map<String, String> metadata, List<StoredTensor> tensors) {

    public Header {
        metadata = Collections.unmodifiableMap(new TreeMap<>(metadata));
        tensors = List.copyOf(tensors);
    }
}
