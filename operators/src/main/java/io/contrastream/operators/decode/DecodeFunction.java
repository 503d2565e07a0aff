package io.contrastream.operators.decode;

import io.contrastream.schemas.RejectedRecord;
import java.time.Duration;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.slf4j.LoggerFactory;

/**
 * Decodes records to what its decoder makes of them. A record of which it makes nothing never fails the job, whatever its bytes are:
 * it goes to {@link #REJECTED} with the reason and where it came from, is counted, and is logged at most every 10 seconds.
 *
 * <p>Stateless: it may run at any parallelism and be rescaled freely. One output or one rejection for every input.
 *
 * @param <T> what records become
 */
public final class DecodeFunction<T> extends ProcessFunction<KafkaRecord, T> {

    /** The dead letters. */
    public static final OutputTag<RejectedRecord> REJECTED =
            new OutputTag<>("rejected", new AvroTypeInfo<>(RejectedRecord.class));

    private static final Duration LOG_INTERVAL = Duration.ofSeconds(10);

    private final DecodeOptions options;
    private final RecordDecoder.Factory<T> decoders;
    private final boolean tellsOffsets;
    private transient RecordDecoder<T> decoder;
    private transient RejectedRecords rejectedRecords;
    private transient RejectionLog log;
    private transient DecodeMetrics metrics;
    private transient OffsetsRead offsets;

    /** @param decoders such as {@code ExampleDecoder::new} */
    public DecodeFunction(DecodeOptions options, RecordDecoder.Factory<T> decoders) {
        this(options, decoders, true);
    }

    private DecodeFunction(DecodeOptions options, RecordDecoder.Factory<T> decoders, boolean tellsOffsets) {
        this.options = options;
        this.decoders = decoders;
        this.tellsOffsets = tellsOffsets;
    }

    /** One that does not tell how far it has read: of a job's topics, {@link OffsetsRead} is about one. */
    public static <T> DecodeFunction<T> silent(DecodeOptions options, RecordDecoder.Factory<T> decoders) {
        return new DecodeFunction<>(options, decoders, false);
    }

    @Override
    public void open(OpenContext context) {
        decoder = decoders.create(options);
        rejectedRecords = new RejectedRecords(options.rejectedPayloadBytes());
        log = new RejectionLog(LoggerFactory.getLogger(DecodeFunction.class), LOG_INTERVAL);
        metrics = new DecodeMetrics(getRuntimeContext().getMetricGroup());
        offsets = new OffsetsRead();
        if (tellsOffsets) {
            getRuntimeContext().addAccumulator(OffsetsRead.NAME, offsets);
        }
    }

    @Override
    public void processElement(KafkaRecord record, Context context, Collector<T> out) {
        offsets.add(record);
        T decoded;
        try {
            decoded = decoder.decode(record);
        } catch (Rejection rejection) {
            reject(record, rejection, context);
            return;
        }
        if (record.value() == null) {
            metrics.tombstone();
        } else {
            metrics.decoded();
        }
        out.collect(decoded);
    }

    private void reject(KafkaRecord record, Rejection rejection, Context context) {
        long nowMillis = context.timerService().currentProcessingTime();
        metrics.rejected(rejection.reason());
        log.rejected(record, rejection, nowMillis);
        context.output(REJECTED, rejectedRecords.of(record, rejection, nowMillis));
    }
}
