package io.contrastream.topics.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.contrastream.schemas.BinaryRecord;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.ImageEncoding;
import io.contrastream.schemas.LabelledImage;
import io.contrastream.schemas.RecordFormat;
import io.contrastream.schemas.SingleObject;
import io.contrastream.schemas.WireFormatException;
import io.contrastream.schemas.WireFormatException.Kind;
import io.contrastream.topics.Topic;
import io.contrastream.topics.TopicException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ConfluentFormatTest {

    private static final LabelledImage IMAGE = LabelledImage.newBuilder()
            .setId("7")
            .setLabel("star")
            .setImage(ByteBuffer.wrap(new byte[] {1, 2, 3}))
            .setEncoding(ImageEncoding.PNG)
            .setEventTime(Instant.parse("2026-01-02T03:04:05.678Z"))
            .build();

    private FakeRegistry registry;

    @BeforeEach
    void start() throws IOException {
        registry = new FakeRegistry();
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    private RecordFormat images(String... properties) {
        return Format.CONFLUENT.on(Topic.LABELLED_IMAGES, "images", registry.properties(properties));
    }

    /** A record of somebody else's schema in the framing. */
    private static byte[] framed(int id, GenericData.Record record) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(ByteBuffer.allocate(5).putInt(1, id).array());
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
        new GenericDatumWriter<>(record.getSchema()).write(record, encoder);
        encoder.flush();
        return bytes.toByteArray();
    }

    @Test
    void theIdStandsBeforeTheRecordAndIsAskedForOnce() throws Exception {
        RecordFormat format = images();

        byte[] value = format.encode(IMAGE);
        byte[] single = SingleObject.encode(IMAGE);

        assertThat(Arrays.copyOf(value, 5)).containsExactly(0, 0, 0, 0, 101);
        assertThat(Arrays.copyOfRange(value, 5, value.length)).isEqualTo(Arrays.copyOfRange(single, 10, single.length));
        assertThat(format.encode(IMAGE)).isEqualTo(value);
        assertThat(format.decode(value, LabelledImage.class)).isEqualTo(IMAGE);
        assertThat(registry.asked).containsExactly("POST /subjects/images-value/versions");

        assertThat(images().decode(value, LabelledImage.class)).isEqualTo(IMAGE);
        assertThat(registry.asked).last().isEqualTo("GET /schemas/ids/101");
    }

    @Test
    void whatIsRegisteredIsTheReleasedSchemaWithItsDocumentation() throws Exception {
        images().readyToWrite();

        assertThat(registry.add(
                        "images-value", BinaryRecord.schema(LabelledImage.class).toString()))
                .isEqualTo(101);
        assertThat(BinaryRecord.schema(LabelledImage.class).toString())
                .contains("\"doc\"")
                .doesNotContain("avro.java.string");
    }

    @ParameterizedTest
    @CsvSource({
        "TopicNameStrategy, images-value",
        "io.confluent.kafka.serializers.subject.RecordNameStrategy, io.contrastream.schemas.LabelledImage",
        "TopicRecordNameStrategy, images-io.contrastream.schemas.LabelledImage"
    })
    void theStrategyNamesTheSubject(String strategy, String subject) {
        images("value.subject.name.strategy", strategy).readyToWrite();

        assertThat(registry.asked).containsExactly("POST /subjects/" + subject + "/versions");
    }

    @Test
    void lookUpOnlyTakesWhatIsThereAndRefusesWhatIsNot() {
        RecordFormat format = images("auto.register.schemas", "false");

        assertThatExceptionOfType(TopicException.class)
                .isThrownBy(format::readyToWrite)
                .withMessageContaining("does not have the schema of LabelledImage under the subject 'images-value'")
                .withMessageContaining("auto.register.schemas is false")
                .withMessageContaining("Subject not found");

        registry.add("images-value", BinaryRecord.schema(LabelledImage.class).toString());
        assertThat(format.readyToWrite().encode(IMAGE)[4]).isEqualTo((byte) 101);
    }

    @Test
    void aRegistryThatIsAwayAtStartIsNamedWithItsProperty() {
        RecordFormat format = images();
        registry.close();

        assertThatExceptionOfType(TopicException.class)
                .isThrownBy(format::readyToWrite)
                .withMessageContaining("no answer from the schema registry at " + registry.url())
                .withMessageContaining("schema.registry.url")
                .withMessageContaining("nobody listens there");
        assertThatExceptionOfType(TopicException.class).isThrownBy(format::readyToRead);
    }

    @Test
    void theFirstOfSeveralAddressesThatAnswersIsAsked() {
        Map<String, String> two = Map.of("schema.registry.url", "http://localhost:1, " + registry.url() + "/");

        Format.CONFLUENT.on(Topic.LABELLED_IMAGES, "images", two).readyToWrite();

        assertThat(registry.asked).containsExactly("POST /subjects/images-value/versions");
    }

    @Test
    void aRegistryThatGoesAwayStopsNothingThatIsKnownNotEvenWhereTheFormatIsMadeAnew() throws Exception {
        registry.add("images-value", BinaryRecord.schema(LabelledImage.class).toString());
        byte[] value = images().encode(IMAGE);
        RecordFormat reading = images().readyToRead();
        RecordFormat writing = images().readyToWrite();
        registry.close();

        assertThat(copy(reading).decode(value, LabelledImage.class)).isEqualTo(IMAGE);
        assertThat(copy(writing).encode(IMAGE)).isEqualTo(value);
    }

    private static RecordFormat copy(RecordFormat format) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(format);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            return (RecordFormat) in.readObject();
        }
    }

    @Test
    void aRecordIsReadWithItsWritersSchemaAsOurs() throws Exception {
        String referenced =
                "{\"type\": \"enum\", \"name\": \"Kind\", \"namespace\": \"org.example\", \"symbols\": [\"A\"]}";
        registry.add("kind", referenced);
        String text = """
            {"type": "record", "name": "Photo", "namespace": "org.example", "fields": [
              {"name": "camera", "type": "long"},
              {"name": "kind", "type": "Kind"},
              {"name": "label", "type": "string"},
              {"name": "id", "type": "string"},
              {"name": "image", "type": "bytes"},
              {"name": "encoding", "type": {"type": "enum", "name": "ImageEncoding", "namespace": "io.contrastream.schemas",
                                            "symbols": ["JPEG", "PNG"]}},
              {"name": "eventTime", "type": "long"}]}\
            """;
        int id = registry.add(
                "images-value",
                text,
                "AVRO",
                new ObjectMapper()
                        .readTree("[{\"name\": \"org.example.Kind\", \"subject\": \"kind\", \"version\": 1}]"));
        Schema schema = BinaryRecord.parse(text, List.of(referenced));
        byte[] value = framed(
                id,
                new GenericRecordBuilder(schema)
                        .set("camera", 5L)
                        .set(
                                "kind",
                                new GenericData.EnumSymbol(
                                        schema.getField("kind").schema(), "A"))
                        .set("label", "star")
                        .set("id", "7")
                        .set("image", ByteBuffer.wrap(new byte[] {1, 2, 3}))
                        .set(
                                "encoding",
                                new GenericData.EnumSymbol(
                                        schema.getField("encoding").schema(), "PNG"))
                        .set("eventTime", 1767323045678L)
                        .build());

        assertThat(images().decode(value, LabelledImage.class)).isEqualTo(IMAGE);
    }

    @Test
    void anIdThatTheRegistryDoesNotHaveIsARejectionAndNotAskedForAgainAtOnce() {
        RecordFormat format = images();
        byte[] value = {0, 0, 0, 4, 0, 1, 2, 3};

        for (int i = 0; i < 3; i++) {
            assertThatExceptionOfType(WireFormatException.class)
                    .isThrownBy(() -> format.decode(value, LabelledImage.class))
                    .withMessage("The payload was written with the schema of id 1024, which the registry at "
                            + registry.url() + " does not have")
                    .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.UNKNOWN_SCHEMA));
        }
        assertThat(registry.asked).hasSize(1);
    }

    @Test
    void aSchemaThatCannotBeReadAsOursIsARejectionThatSaysWhy() throws Exception {
        int json = registry.add("a", "{}", "JSON", JsonNodeFactory.instance.arrayNode());
        int other = registry.add(
                "b",
                "{\"type\": \"record\", \"name\": \"Photo\", \"fields\": [{\"name\": \"id\", \"type\": \"string\"}]}");
        int ours = registry.add("c", BinaryRecord.schema(Embedding.class).toString());

        assertRejected(json, Kind.UNKNOWN_SCHEMA, "is of type JSON, not AVRO");
        assertRejected(other, Kind.UNKNOWN_SCHEMA, "The payload's schema Photo cannot be read as LabelledImage");
        assertRejected(ours, Kind.OTHER_RECORD, "The payload is of type Embedding, not LabelledImage");
    }

    private void assertRejected(int id, Kind kind, String message) {
        byte[] value = ByteBuffer.allocate(9).putInt(1, id).array();
        assertThatExceptionOfType(WireFormatException.class)
                .isThrownBy(() -> images().decode(value, LabelledImage.class))
                .withMessageContaining(message)
                .satisfies(e -> assertThat(e.kind()).isEqualTo(kind));
    }

    @Test
    void damagedBytesAreRejections() {
        RecordFormat format = images();
        byte[] value = format.encode(IMAGE);

        for (int length = 0; length < value.length; length++) {
            byte[] cut = Arrays.copyOf(value, length);
            assertThatExceptionOfType(WireFormatException.class)
                    .isThrownBy(() -> format.decode(cut, LabelledImage.class));
        }
        assertThatExceptionOfType(WireFormatException.class)
                .isThrownBy(() -> format.decode(SingleObject.encode(IMAGE), LabelledImage.class))
                .withMessageContaining("kafka.format single-object reads it");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        schema.registry.url           | ftp://a   | schema.registry.url is 'ftp://a', but must be addresses
        auto.register.schemas         | maybe     | auto.register.schemas is 'maybe', but must be true or false
        value.subject.name.strategy   | Mine      | value.subject.name.strategy is 'Mine', but must be TopicNameStrategy or
        basic.auth.credentials.source | SASL      | basic.auth.credentials.source is 'SASL', but must be USER_INFO or URL
        schema.registry.ssl.trust     | a         | schema.registry.ssl.trust is not supported; those of a registry are
        use.latest.version            | true      | use.latest.version is not supported
        """)
    void aPropertyThatIsWrongIsNamed(String property, String value, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> images(property, value))
                .withMessageContaining(message);
    }

    @Test
    void withoutAnAddressThereIsNoSuchFormat() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Format.CONFLUENT.on(Topic.LABELLED_IMAGES, "images", Map.of()))
                .withMessageContaining("schema.registry.url is not set, but the format confluent needs it");
    }

    @Test
    void aPasswordOutOfAFileIsReadWhenItIsNeededAndShownToNobody(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("secrets.properties");
        Files.writeString(file, "registry=learner:open sesame\n");
        registry.authorization =
                "Basic " + Base64.getEncoder().encodeToString("learner:open sesame".getBytes(StandardCharsets.UTF_8));
        RecordFormat format = images(
                "basic.auth.user.info",
                "${file:" + file + ":registry}",
                "config.providers",
                "file",
                "config.providers.file.class",
                "org.apache.kafka.common.config.provider.FileConfigProvider");

        assertThat(format.readyToWrite().encode(IMAGE)[4]).isEqualTo((byte) 101);
        assertThatExceptionOfType(TopicException.class)
                .isThrownBy(
                        () -> images("basic.auth.user.info", "learner:wrong").readyToWrite())
                .withMessageContaining(
                        "status 401, 'Unauthorized'; basic.auth.user.info and bearer.auth.token say who asks")
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("wrong"));
        assertThat(RegistryOptions.of(registry.properties("basic.auth.user.info", "learner:open sesame"))
                        .toString())
                .doesNotContain("sesame")
                .contains("basic.auth.user.info");
    }

    @Test
    void aRegistryBehindTlsIsTrustedByTheTrustStoreAlone(@TempDir Path folder) throws Exception {
        Path keys = folder.resolve("keys.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "registry",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=dns:localhost",
                        "-validity",
                        "2",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        keys.toString(),
                        "-storepass",
                        "changeit")
                .redirectErrorStream(true)
                .start();
        assertThat(keytool.waitFor())
                .as(new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isZero();
        try (FakeRegistry secure = new FakeRegistry(context(keys))) {
            RecordFormat trusting = Format.CONFLUENT.on(
                    Topic.LABELLED_IMAGES,
                    "images",
                    secure.properties(
                            "schema.registry.ssl.truststore.location", keys.toString(),
                            "schema.registry.ssl.truststore.password", "changeit",
                            "schema.registry.ssl.truststore.type", "PKCS12"));
            RecordFormat stranger = Format.CONFLUENT.on(Topic.LABELLED_IMAGES, "images", secure.properties());

            assertThat(trusting.readyToWrite().encode(IMAGE)[4]).isEqualTo((byte) 101);
            assertThatExceptionOfType(TopicException.class)
                    .isThrownBy(stranger::readyToWrite)
                    .withMessageContaining("no answer from the schema registry at " + secure.url())
                    .withMessageContaining("certif");
        }
    }

    private static SSLContext context(Path keys) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keys)) {
            store.load(in, "changeit".toCharArray());
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(store, "changeit".toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }
}
