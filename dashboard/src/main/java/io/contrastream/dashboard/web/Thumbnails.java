package io.contrastream.dashboard.web;

import io.contrastream.dashboard.feed.Stream;
import io.contrastream.dashboard.image.SmallPicture;
import io.contrastream.dashboard.model.Images;
import io.contrastream.topics.TopicException;
import io.contrastream.topics.TopicReader;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Small pictures of images, {@value #SIDE} pixels wide and high, decoded and brought to a square as the learner does it. The newest that were
 * asked for are kept. Thread-safe; decodes one at a time, so that many large images cannot take the process's memory.
 */
final class Thumbnails implements AutoCloseable {

    static final int SIDE = 64;

    private static final int KEPT = 2000;
    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private final Images images;
    private final SmallPicture pictures = new SmallPicture(SIDE);
    private final Map<String, byte[]> kept = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, byte[]> eldest) {
            return size() > KEPT;
        }
    };

    private Stream stream;
    private TopicReader reader;
    private String readerTopic;

    Thumbnails(Images images) {
        this.images = images;
    }

    /** From where images are read that are not in memory. */
    synchronized void readFrom(Stream where) {
        stream = where;
    }

    /** A picture as PNG; empty if the image is not known, is no longer in its topic or cannot be decoded. */
    synchronized Optional<byte[]> of(String id) {
        Optional<Images.Kept> image = images.find(id);
        if (image.isEmpty()) {
            return Optional.empty();
        }
        // An image may come again under the same id.
        String key = image.get().topic() + "/" + image.get().partition() + "/"
                + image.get().offset();
        byte[] png = kept.get(key);
        if (png == null) {
            try {
                png = picture(image.get());
            } catch (IOException | TopicException cannotBeShown) {
                png = new byte[0];
            }
            kept.put(key, png);
        }
        return Optional.of(png).filter(bytes -> bytes.length > 0);
    }

    private byte[] picture(Images.Kept image) throws IOException {
        byte[] value = image.record() != null ? image.record() : read(image);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Optional<BufferedImage> picture = pictures.of(value, stream.formatOf(image.topic()));
        if (picture.isPresent()) {
            ImageIO.write(picture.get(), "png", out);
        }
        return out.toByteArray();
    }

    private byte[] read(Images.Kept image) throws IOException {
        if (reader == null || !image.topic().equals(readerTopic)) {
            close();
            reader = new TopicReader(stream.bootstrapServers(), stream.properties(), List.of(image.topic()), false);
            readerTopic = image.topic();
        }
        return reader.at(new TopicPartition(image.topic(), image.partition()), image.offset(), PATIENCE)
                .map(ConsumerRecord::value)
                .orElseThrow(() -> new IOException("the image is no longer in its topic"));
    }

    @Override
    public synchronized void close() {
        if (reader != null) {
            reader.close();
            reader = null;
        }
    }
}
