package io.contrastream.cli;

import io.contrastream.datasets.ImageSource;
import io.contrastream.datasets.ImageSourceException;
import io.contrastream.datasets.ImageStream;
import io.contrastream.operators.decode.KafkaRecord;
import io.contrastream.schemas.SingleObject;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.runtime.execution.SuppressRestartsException;

/** From the positions of a data set's images to records, as a topic would have them. */
final class DatasetRecords extends RichMapFunction<Long, KafkaRecord> {

    private static final long serialVersionUID = 1;
    private static final long SEED = 1;

    private final String images;
    private final long now;
    private transient ImageSource source;
    private transient ImageStream stream;

    /**
     * @param images the data set, as {@link ImageSource#open} takes it
     * @param now event time of the images
     */
    DatasetRecords(String images, Instant now) {
        this.images = images;
        this.now = now.toEpochMilli();
    }

    /** All images of a data set, each once. */
    static ImageStream stream(ImageSource open) {
        return ImageStream.of(open, 0, 0, SEED);
    }

    /** The data set. */
    static ImageSource open(String images) {
        return ImageSource.open(images, SEED);
    }

    @Override
    public void open(OpenContext context) {
        source = open(images);
        stream = stream(source);
    }

    @Override
    public KafkaRecord map(Long position) {
        try {
            var image = stream.image(Math.toIntExact(position));
            return new KafkaRecord(
                    images,
                    0,
                    position,
                    now,
                    image.id().getBytes(StandardCharsets.UTF_8),
                    SingleObject.encode(image.record(Instant.ofEpochMilli(now), Map.of())),
                    Map.of());
        } catch (ImageSourceException e) {
            // It would be as unreadable the next time.
            throw new SuppressRestartsException(e);
        }
    }

    @Override
    public void close() {
        if (source != null) {
            source.close();
        }
    }
}
