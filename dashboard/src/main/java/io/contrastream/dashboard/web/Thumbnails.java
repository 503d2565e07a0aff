package io.contrastream.dashboard.web;

import io.contrastream.dashboard.feed.Stream;
import io.contrastream.dashboard.model.Images;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.operators.decode.DecodeOptions;
import io.contrastream.operators.decode.ExampleDecoder;
import io.contrastream.operators.decode.QueryDecoder;
import io.contrastream.operators.decode.Rejection;
import io.contrastream.schemas.ImageQuery;
import io.contrastream.schemas.LabelledImage;
import io.contrastream.schemas.SingleObject;
import io.contrastream.schemas.WireFormatException;
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
import org.apache.avro.specific.SpecificRecord;
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
    private static final DecodeOptions OPTIONS =
            new DecodeOptions(new ImageShape(3, SIDE, SIDE), 32 << 20, 64L << 20, 0);

    private final Images images;
    private final ExampleDecoder examples = new ExampleDecoder(OPTIONS);
    private final QueryDecoder queries = new QueryDecoder(OPTIONS);
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
            } catch (Rejection | WireFormatException | IOException | TopicException cannotBeShown) {
                png = new byte[0];
            }
            kept.put(key, png);
        }
        return Optional.of(png).filter(bytes -> bytes.length > 0);
    }

    private byte[] picture(Images.Kept image) throws Rejection, WireFormatException, IOException {
        byte[] value = image.record() != null ? image.record() : read(image);
        SpecificRecord record = SingleObject.decode(value);
        byte[] pixels;
        if (record instanceof LabelledImage labelled) {
            pixels = examples.decode(labelled).pixels();
        } else if (record instanceof ImageQuery query) {
            pixels = queries.decode(query).pixels();
        } else {
            throw new IOException("a " + record.getSchema().getName() + " is no image");
        }
        return png(pixels);
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

    private static byte[] png(byte[] planes) throws IOException {
        BufferedImage picture = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
        int plane = SIDE * SIDE;
        for (int i = 0; i < plane; i++) {
            int rgb = (planes[i] & 0xFF) << 16 | (planes[plane + i] & 0xFF) << 8 | (planes[2 * plane + i] & 0xFF);
            picture.setRGB(i % SIDE, i / SIDE, rgb);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(picture, "png", out);
        return out.toByteArray();
    }

    @Override
    public synchronized void close() {
        if (reader != null) {
            reader.close();
            reader = null;
        }
    }
}
