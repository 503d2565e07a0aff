package io.contrastream.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** The files that readers in other languages load, beside the POM: each holds all of one topic's schema. */
final class ReaderSchemasTest {

    private static final String COMMAND = "mvn -pl schemas test -Dtest=ReaderSchemasTest -Dschemas.write=true";

    private static final List<Class<? extends SpecificRecord>> TYPES = Samples.TYPES;

    @ParameterizedTest
    @FieldSource("TYPES")
    void aFileIsTheWholeSchemaOfItsType(Class<? extends SpecificRecord> type) throws IOException {
        Path file = Path.of(type.getSimpleName() + ".avsc");
        String whole = whole(type) + "\n";
        if (Boolean.getBoolean("schemas.write")) {
            Files.writeString(file, whole);
        }

        assertThat(file).as("generated file; write it anew with: %s", COMMAND).hasContent(whole);
        Schema alone = new Schema.Parser().parse(file.toFile());
        assertThat(SchemaNormalization.parsingFingerprint64(alone))
                .isEqualTo(SchemaNormalization.parsingFingerprint64(
                        SpecificData.get().getSchema(type)));
    }

    @Test
    void thereIsNoOtherFile() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("."))) {
            assertThat(files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(".avsc")))
                    .containsExactlyInAnyOrderElementsOf(TYPES.stream()
                            .map(type -> type.getSimpleName() + ".avsc")
                            .toList());
        }
    }

    /** As the sources have it, with the definition of a type that has a source of its own in the place of its name. */
    private static String whole(Class<? extends SpecificRecord> type) throws IOException {
        Path sources = Path.of("src/main/avro");
        Schema.Parser parser = new Schema.Parser();
        parser.parse(sources.resolve("ImageEncoding.avsc").toFile());
        return parser.parse(sources.resolve(type.getSimpleName() + ".avsc").toFile())
                .toString(true);
    }
}
