package io.contrastream.operators.decode;

import io.contrastream.learning.learner.Example;
import io.contrastream.schemas.RejectedRecord;
import java.time.Duration;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.slf4j.LoggerFactory;

/**
 * Decodes records to examples of the encoder's input shape. A record that is not one never fails the job, whatever its bytes are:
 * it goes to {@link #REJECTED} with the reason and where it came from, is counted, and is logged at most every 10 seconds.
 *
 * <p>Stateless: it may run at any parallelism and be rescaled freely. One output or one rejection for every input.
 */
public final class DecodeFunction extends ProcessFunction<KafkaRecord, Example> {

    /** The dead letters. */
    public static final OutputTag<RejectedRecord> REJECTED =
            new OutputTag<>("rejected", new AvroTypeInfo<>(RejectedRecord.class));

    private static final Duration LOG_INTERVAL = Duration.ofSeconds(10);

    private final DecodeOptions options;
    private transient ExampleDecoder decoder;
    private transient RejectedRecords rejectedRecords;
    private transient RejectionLog log;
    private transient DecodeMetrics metrics;

    public DecodeFunction(DecodeOptions options) {
        this.options = options;
    }

    @Override
    public void open(OpenContext context) {
        decoder = new ExampleDecoder(options);
        rejectedRecords = new RejectedRecords(options.rejectedPayloadBytes());
        log = new RejectionLog(LoggerFactory.getLogger(DecodeFunction.class), LOG_INTERVAL);
        metrics = new DecodeMetrics(getRuntimeContext().getMetricGroup());
    }

    @Override
    public void processElement(KafkaRecord record, Context context, Collector<Example> out) {
        Example example;
        try {
            example = decoder.decode(record.value());
        } catch (Rejection rejection) {
            reject(record, rejection, context);
            return;
        }
        metrics.decoded();
        out.collect(example);
    }

    private void reject(KafkaRecord record, Rejection rejection, Context context) {
        long nowMillis = context.timerService().currentProcessingTime();
        metrics.rejected(rejection.reason());
        log.rejected(record, rejection, nowMillis);
        context.output(REJECTED, rejectedRecords.of(record, rejection, nowMillis));
    }
}
