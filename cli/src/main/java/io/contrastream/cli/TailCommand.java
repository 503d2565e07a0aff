package io.contrastream.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.contrastream.schemas.RecordFormat;
import io.contrastream.schemas.WireFormatException;
import io.contrastream.topics.RecordJson;
import io.contrastream.topics.Topic;
import io.contrastream.topics.TopicReader;
import io.contrastream.topics.format.AnyRecord;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code contrastream tail}. */
@Command(
        name = "tail",
        description = {
            "Prints the records of any of the system's topics as JSON, one a line.",
            "Goes on until it is stopped with Ctrl-C, unless told when to end. A record that cannot be read is printed"
                    + " with an error and its bytes."
        },
        mixinStandardHelpOptions = true)
final class TailCommand implements Callable<Integer> {

    private static final Duration POLL = Duration.ofMillis(200);
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @Spec
    private CommandSpec spec;

    @Mixin
    private KafkaClient kafka;

    @Mixin
    private TopicFormats formats;

    @Parameters(paramLabel = "TOPIC", description = "The topic, such as embeddings.")
    private String topic;

    @Option(names = "--from-beginning", description = "Start at the oldest record rather than after the newest.")
    private boolean fromBeginning;

    @Option(names = "--max", paramLabel = "N", description = "End after this number of records.")
    private Long max;

    @Option(names = "--to-end", description = "End when all records that are there now were printed.")
    private boolean toEnd;

    @Option(
            names = "--brief",
            description = "Only the number of bytes of images and payloads, and the first few values of vectors.")
    private boolean brief;

    @Override
    public Integer call() throws JsonProcessingException {
        if (max != null && max < 1) {
            throw new ParameterException(spec.commandLine(), "--max must be at least 1, but is " + max);
        }
        RecordJson json = new RecordJson(brief);
        Topic role = Arrays.stream(Topic.values())
                .filter(known -> known.id().equals(topic))
                .findFirst()
                .orElse(Topic.LABELLED_IMAGES);
        RecordFormat format = formats.of(role, topic, kafka);
        PrintWriter out = spec.commandLine().getOut();
        try (TopicReader reader =
                new TopicReader(kafka.bootstrapServers(), kafka.properties(), List.of(topic), fromBeginning)) {
            Map<TopicPartition, Long> ends = toEnd ? reader.ends() : Map.of();
            long printed = 0;
            while (!(toEnd && reader.reached(ends))) {
                for (ConsumerRecord<byte[], byte[]> record : reader.poll(POLL)) {
                    if (toEnd && record.offset() >= ends.get(new TopicPartition(topic, record.partition()))) {
                        continue;
                    }
                    out.println(MAPPER.writeValueAsString(line(record, format, json)));
                    // Whoever reads the output has seen enough: tail … | head
                    if (++printed == (max == null ? -1 : max) || out.checkError()) {
                        out.flush();
                        return 0;
                    }
                }
                out.flush();
            }
        }
        return 0;
    }

    private static ObjectNode line(ConsumerRecord<byte[], byte[]> record, RecordFormat format, RecordJson json) {
        ObjectNode line = JsonNodeFactory.instance.objectNode();
        line.put("partition", record.partition());
        line.put("offset", record.offset());
        line.put("timestamp", Instant.ofEpochMilli(record.timestamp()).toString());
        line.put("key", text(record.key()));
        if (record.value() == null) {
            return line.putNull("value");
        }
        try {
            SpecificRecord value = AnyRecord.decode(format, record.value());
            line.put("type", value.getSchema().getName());
            line.set("value", json.of(value));
        } catch (WireFormatException e) {
            line.put("error", e.getMessage());
            if (json.brief()) {
                line.put("bytes", record.value().length + " bytes");
            } else {
                line.put("bytes", record.value());
            }
        }
        return line;
    }

    /** Keys are text, but nobody can be kept from sending other bytes: these are shown in Base64. */
    private static String text(byte[] bytes) {
        if (bytes == null) {
            return null;
        }
        try {
            CharBuffer characters = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return characters.toString();
        } catch (CharacterCodingException e) {
            return Base64.getEncoder().encodeToString(bytes);
        }
    }
}
