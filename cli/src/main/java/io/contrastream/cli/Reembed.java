package io.contrastream.cli;

import io.contrastream.cli.local.LocalRun;
import io.contrastream.datasets.ImageSource;
import io.contrastream.jobs.embedding.EmbeddingOptions;
import io.contrastream.jobs.embedding.Reembedding;
import io.contrastream.jobs.embedding.Reembedding.Outcome;
import io.contrastream.jobs.option.KafkaSettings;
import io.contrastream.jobs.option.Location;
import io.contrastream.operators.Count;
import io.contrastream.operators.decode.KafkaRecord;
import io.contrastream.schemas.EncoderRelease;
import io.contrastream.schemas.SingleObject;
import io.contrastream.topics.Topic;
import io.contrastream.topics.TopicReader;
import java.io.PrintWriter;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Embeds a bounded source with one release: what {@code contrastream embed --images} does. */
final class Reembed {

    private static final String SOURCE = "images-source";

    private final ReembedOptions wanted;
    private final EmbeddingOptions job;
    private final PrintWriter out;
    private final PrintWriter err;

    /** @param job where the topics are those that are wanted */
    Reembed(ReembedOptions wanted, EmbeddingOptions job, PrintWriter out, PrintWriter err) {
        this.wanted = wanted;
        this.job = job;
        this.out = out;
        this.err = err;
    }

    /** Options of the job that name its topics, as arguments. */
    static List<String> arguments(ReembedOptions wanted) {
        String output = argument(Topic.EMBEDDINGS, wanted.output());
        return wanted.fromTopic() ? List.of(output, argument(Topic.IMAGE_QUERIES, wanted.topic())) : List.of(output);
    }

    private static String argument(Topic topic, String name) {
        return "--" + KafkaSettings.topic(topic, "").key() + "=" + name;
    }

    /**
     * Runs to the end.
     *
     * @return exit code: 1 if some records could not be used
     */
    int run(LocalRun local, Configuration flink) throws Exception {
        String release = wanted.release();
        Reembedding reembedding = Reembedding.of(
                job,
                release.isEmpty() || release.matches("\\d+") ? release : Location.uri(release),
                wanted.fromTopic());
        StreamExecutionEnvironment env = local.environment(flink);
        long start = System.nanoTime();
        long total;
        JobClient running;
        if (wanted.fromTopic()) {
            total = records(wanted.topic());
            running = reembedding.submit(env);
        } else {
            try (ImageSource source = DatasetRecords.open(wanted.images())) {
                source.remarks().forEach(err::println);
                total = DatasetRecords.stream(source).size();
            }
            running = reembedding.submit(env, SingleObject.format(), images(env, total));
        }
        Outcome outcome = watch(running, total);
        tell(outcome, reembedding.release(), (System.nanoTime() - start) / 1e9);
        return outcome.rejected() == 0 ? 0 : 1;
    }

    private DataStream<KafkaRecord> images(StreamExecutionEnvironment env, long total) {
        return env.fromSource(new NumberSequenceSource(0, total - 1), WatermarkStrategy.noWatermarks(), SOURCE)
                .setParallelism(job.parallelism())
                .uid(SOURCE)
                .map(
                        new DatasetRecords(wanted.images(), Clock.systemUTC().instant()),
                        TypeInformation.of(KafkaRecord.class))
                .setParallelism(job.parallelism())
                .uid("images");
    }

    /** At most so many: offsets may be of marks of transactions, or of records that compaction has taken. */
    private long records(String topic) {
        try (TopicReader reader =
                new TopicReader(job.kafka().bootstrapServers(), job.kafka().properties(), List.of(topic), true)) {
            return sum(reader.ends().values()) - sum(reader.begins().values());
        }
    }

    private static long sum(Collection<Long> offsets) {
        return offsets.stream().mapToLong(Long::longValue).sum();
    }

    private static Outcome watch(JobClient running, long total) throws Exception {
        CompletableFuture<JobExecutionResult> result = running.getJobExecutionResult();
        try (Progress progress = Progress.of("Embedding", total)) {
            while (true) {
                try {
                    Map<String, Object> counts =
                            result.get(500, TimeUnit.MILLISECONDS).getAllAccumulatorResults();
                    Outcome outcome = Outcome.of(counts);
                    progress.update(done(outcome), "");
                    return outcome;
                } catch (TimeoutException stillRunning) {
                    update(running, progress);
                }
            }
        }
    }

    private static void update(JobClient running, Progress progress) throws InterruptedException {
        try {
            progress.update(done(Outcome.of(running.getAccumulators().get())), "");
        } catch (ExecutionException | IllegalStateException endingJustNow) {
            // The result is there in a moment.
        }
    }

    private static long done(Outcome outcome) {
        return outcome.embedded() + outcome.takenBack() + outcome.rejected();
    }

    private void tell(Outcome outcome, EncoderRelease release, double seconds) {
        out.printf(
                Locale.ROOT,
                "embedded %s with version %d of model '%s' into %s in %.1f s%n",
                Count.of(outcome.embedded(), "image"),
                release.getEncoderVersion(),
                release.getModel(),
                wanted.output(),
                seconds);
        if (outcome.takenBack() > 0) {
            out.printf("handed on %s of images that were taken back%n", Count.of(outcome.takenBack(), "tombstone"));
        }
        out.flush();
        outcome.reasons().forEach(reason -> err.println("not embedded: " + reason));
        if (outcome.rejected() > outcome.reasons().size()) {
            err.printf(
                    Locale.ROOT,
                    "and %d more%n",
                    outcome.rejected() - outcome.reasons().size());
        }
        err.flush();
    }
}
