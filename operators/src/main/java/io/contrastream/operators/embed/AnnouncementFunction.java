package io.contrastream.operators.embed;

import io.contrastream.operators.decode.KafkaRecord;
import io.contrastream.schemas.EncoderRelease;
import io.contrastream.schemas.RecordFormat;
import io.contrastream.schemas.WireFormatException;
import org.apache.flink.api.common.functions.RichFlatMapFunction;
import org.apache.flink.util.Collector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** From records of the topic of releases to those of one model; anything else is left, and logged if it is no announcement at all. */
public final class AnnouncementFunction extends RichFlatMapFunction<KafkaRecord, EncoderRelease> {

    private static final long serialVersionUID = 1;
    private static final Logger LOG = LoggerFactory.getLogger(AnnouncementFunction.class);

    private final String model;
    private final RecordFormat format;

    /** @param format of the topic's records */
    public AnnouncementFunction(String model, RecordFormat format) {
        this.model = model;
        this.format = format;
    }

    @Override
    public void flatMap(KafkaRecord record, Collector<EncoderRelease> out) {
        if (record.value() == null) {
            return;
        }
        try {
            EncoderRelease release = format.decode(record.value(), EncoderRelease.class);
            if (release.getModel().equals(model)) {
                out.collect(release);
            }
        } catch (WireFormatException e) {
            LOG.warn(
                    "{}, partition {}, offset {} is no EncoderRelease: {}",
                    record.topic(),
                    record.partition(),
                    record.offset(),
                    e.getMessage(),
                    e);
        }
    }
}
