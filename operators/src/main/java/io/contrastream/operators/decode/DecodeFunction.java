package io.contrastream.operators.decode;

import io.contrastream.learning.learner.Example;
import io.contrastream.operators.Forget;
import io.contrastream.schemas.RejectedRecord;
import java.time.Duration;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.typeutils.EitherTypeInfo;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.types.Either;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;
import org.slf4j.LoggerFactory;

/**
 * Decodes records to examples of the encoder's input shape, and tombstones to orders to forget the image that their key is the id of.
 * A record that is neither never fails the job, whatever its bytes are: it goes to {@link #REJECTED} with the reason and where it came
 * from, is counted, and is logged at most every 10 seconds.
 *
 * <p>Stateless: it may run at any parallelism and be rescaled freely. One output or one rejection for every input.
 */
public final class DecodeFunction extends ProcessFunction<KafkaRecord, Either<Example, Forget>> {

    /** Of the output. */
    public static final TypeInformation<Either<Example, Forget>> OUTPUT =
            new EitherTypeInfo<>(TypeInformation.of(Example.class), TypeInformation.of(Forget.class));

    /** The dead letters. */
    public static final OutputTag<RejectedRecord> REJECTED =
            new OutputTag<>("rejected", new AvroTypeInfo<>(RejectedRecord.class));

    private static final Duration LOG_INTERVAL = Duration.ofSeconds(10);

    private final DecodeOptions options;
    private transient ExampleDecoder decoder;
    private transient RejectedRecords rejectedRecords;
    private transient RejectionLog log;
    private transient DecodeMetrics metrics;
    private transient OffsetsRead offsets;

    public DecodeFunction(DecodeOptions options) {
        this.options = options;
    }

    @Override
    public void open(OpenContext context) {
        decoder = new ExampleDecoder(options);
        rejectedRecords = new RejectedRecords(options.rejectedPayloadBytes());
        log = new RejectionLog(LoggerFactory.getLogger(DecodeFunction.class), LOG_INTERVAL);
        metrics = new DecodeMetrics(getRuntimeContext().getMetricGroup());
        offsets = new OffsetsRead();
        getRuntimeContext().addAccumulator(OffsetsRead.NAME, offsets);
    }

    @Override
    public void processElement(KafkaRecord record, Context context, Collector<Either<Example, Forget>> out) {
        offsets.add(record);
        Either<Example, Forget> decoded;
        try {
            decoded = record.value() == null
                    ? Either.Right(decoder.forget(record.key()))
                    : Either.Left(decoder.decode(record.value()));
        } catch (Rejection rejection) {
            reject(record, rejection, context);
            return;
        }
        if (decoded.isLeft()) {
            metrics.decoded();
        } else {
            metrics.tombstone();
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
