package io.contrastream.dashboard.model;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Where images are: the newest ones' records, and of more only the places in their topic. At most {@value #MOST} images, of which at most
 * {@value #MOST_BYTES} bytes are kept.
 *
 * <p>Thread-safe.
 */
public final class Images {

    static final int MOST = 100_000;
    static final long MOST_BYTES = 64 << 20;

    /** A record that is larger stays in its topic alone. */
    static final int LARGEST = 256 << 10;

    private final Map<String, Kept> images = new LinkedHashMap<>();
    /** The ids of those whose bytes are kept, oldest first. */
    private final Map<String, Integer> kept = new LinkedHashMap<>();

    private long bytes;

    /**
     * Where an image is.
     *
     * @param record its value; null if that is not kept
     */
    public record Kept(String topic, int partition, long offset, byte[] record) {}

    /** An image has come. */
    public synchronized void add(String id, String topic, int partition, long offset, byte[] record) {
        remove(id);
        boolean keep = record.length <= LARGEST;
        images.put(id, new Kept(topic, partition, offset, keep ? record : null));
        if (keep) {
            kept.put(id, record.length);
            bytes += record.length;
        }
        Iterator<Map.Entry<String, Integer>> oldest = kept.entrySet().iterator();
        while (bytes > MOST_BYTES) {
            Map.Entry<String, Integer> gone = oldest.next();
            bytes -= gone.getValue();
            oldest.remove();
            images.computeIfPresent(
                    gone.getKey(), (key, image) -> new Kept(image.topic, image.partition, image.offset, null));
        }
        if (images.size() > MOST) {
            remove(images.keySet().iterator().next());
        }
    }

    /** An image was taken back. */
    public synchronized void remove(String id) {
        images.remove(id);
        Integer size = kept.remove(id);
        if (size != null) {
            bytes -= size;
        }
    }

    /** Where an image is; empty if it is not known. */
    public synchronized Optional<Kept> find(String id) {
        return Optional.ofNullable(images.get(id));
    }

    synchronized long bytes() {
        return bytes;
    }

    synchronized int size() {
        return images.size();
    }
}
