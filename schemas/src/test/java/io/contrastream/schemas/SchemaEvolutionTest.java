package io.contrastream.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Any released version of a schema reads what any other has written (FULL_TRANSITIVE compatibility). */
final class SchemaEvolutionTest {

    private static final List<Class<? extends SpecificRecord>> TYPES = Samples.TYPES;

    @ParameterizedTest
    @FieldSource("TYPES")
    void everyVersionReadsEveryOther(Class<? extends SpecificRecord> type) throws IOException {
        List<Schema> versions = new ArrayList<>(RecordType.releasedSchemas(type));
        versions.add(current(type));

        for (Schema reader : versions) {
            for (Schema writer : versions) {
                SchemaCompatibility.SchemaPairCompatibility compatibility =
                        SchemaCompatibility.checkReaderWriterCompatibility(reader, writer);
                assertThat(compatibility.getType())
                        .as(compatibility.getDescription())
                        .isEqualTo(SchemaCompatibilityType.COMPATIBLE);
            }
        }
    }

    @ParameterizedTest
    @FieldSource("TYPES")
    void theCurrentSchemaIsReleased(Class<? extends SpecificRecord> type) throws IOException {
        List<Schema> released = RecordType.releasedSchemas(type);
        Schema current = current(type);
        Path ready = Path.of("target", "released", type.getSimpleName(), (released.size() + 1) + ".avsc");
        Files.createDirectories(ready.getParent());
        Files.writeString(ready, current.toString(true) + "\n");

        assertThat(released)
                .as("no released version of %s; %s is ready to be copied to the resources", type.getSimpleName(), ready)
                .isNotEmpty();
        assertThat(released.get(released.size() - 1).toString(true))
                .as(
                        "%s differs from its newest released version. Where only documentation differs, copy %s over it;"
                                + " otherwise add that file as a new version",
                        type.getSimpleName(), ready)
                .isEqualTo(current.toString(true));
    }

    @ParameterizedTest
    @FieldSource("TYPES")
    void theGeneratedClassHasTheFingerprintOfTheSchemaFile(Class<? extends SpecificRecord> type) throws IOException {
        assertThat(SchemaNormalization.parsingFingerprint64(SpecificData.get().getSchema(type)))
                .isEqualTo(SchemaNormalization.parsingFingerprint64(current(type)));
    }

    @ParameterizedTest
    @FieldSource("TYPES")
    void everythingIsDocumented(Class<? extends SpecificRecord> type) throws IOException {
        List<String> undocumented = new ArrayList<>();
        collectUndocumented(current(type), type.getSimpleName(), undocumented);

        assertThat(undocumented).isEmpty();
    }

    @ParameterizedTest
    @FieldSource("TYPES")
    void aTimestampSaysItsUnitAndEveryEnumHasAnEscape(Class<? extends SpecificRecord> type) throws IOException {
        for (Schema.Field field : current(type).getFields()) {
            if (field.schema().getLogicalType() != null) {
                assertThat(field.doc()).contains("milliseconds since 1970-01-01T00:00Z");
            }
            if (field.schema().getType() == Schema.Type.ENUM) {
                // Without a default, no symbol could ever be added: older readers would refuse the record.
                assertThat(field.schema().getEnumDefault()).isEqualTo("UNKNOWN");
            }
        }
    }

    @Test
    void everySchemaFileIsARecordOfTheWireFormatOrPartOfOne() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("src/main/avro"))) {
            assertThat(files.map(file -> file.getFileName().toString().replace(".avsc", ""))
                            .filter(name -> !name.equals("ImageEncoding")))
                    .containsExactlyInAnyOrderElementsOf(
                            TYPES.stream().map(Class::getSimpleName).toList());
        }
    }

    @Test
    void aRecordOfAnOlderSchemaIsReadAsTheNewest() throws Exception {
        WireFormat format = new WireFormat(
                List.of(new RecordType<>(ClassPrototype.class, ClassPrototype.getClassSchema(), List.of(older()))));

        for (byte[] sample : Samples.encoded(older(), 20, 3)) {
            ClassPrototype prototype = format.decode(sample, ClassPrototype.class);

            assertThat(prototype.getLabel()).isNotNull();
            assertThat(format.decode(sample)).isEqualTo(prototype);
        }
    }

    @Test
    void aRecordOfANewerSchemaIsReadByAnOlderReader() throws Exception {
        Schema newest = ClassPrototype.getClassSchema();
        WireFormat format = new WireFormat(List.of(new RecordType<>(ClassPrototype.class, newest, List.of(newer()))));

        for (byte[] sample : Samples.encoded(newer(), 20, 4)) {
            assertThat(format.decode(sample, ClassPrototype.class).getVector()).isNotNull();
        }
    }

    @Test
    void theCheckSeesAnIncompatibleChange() {
        Schema withoutField = SchemaBuilder.record("ClassPrototype")
                .namespace("io.contrastream.schemas")
                .fields()
                .requiredString("label")
                .endRecord();

        assertThat(SchemaCompatibility.checkReaderWriterCompatibility(ClassPrototype.getClassSchema(), withoutField)
                        .getType())
                .isEqualTo(SchemaCompatibilityType.INCOMPATIBLE);
    }

    /** The newest schema before it got an (imagined) field: here, with one more that has been dropped since, nested collections and all. */
    private static Schema older() {
        return extended(
                SchemaBuilder.array()
                        .items(SchemaBuilder.map()
                                .values(SchemaBuilder.array().items().longType())),
                "dropped");
    }

    private static Schema newer() {
        return extended(SchemaBuilder.map().values().stringType(), "added");
    }

    private static Schema extended(Schema type, String name) {
        Schema newest = ClassPrototype.getClassSchema();
        List<Schema.Field> fields = new ArrayList<>();
        fields.add(new Schema.Field(name, type, "Unknown to the reader."));
        newest.getFields().forEach(field -> fields.add(new Schema.Field(field, field.schema())));
        return Schema.createRecord(newest.getName(), newest.getDoc(), newest.getNamespace(), false, fields);
    }

    private static void collectUndocumented(Schema schema, String path, List<String> undocumented) {
        switch (schema.getType()) {
            case RECORD -> {
                requireDoc(schema.getDoc(), path, undocumented);
                for (Schema.Field field : schema.getFields()) {
                    String fieldPath = path + "." + field.name();
                    requireDoc(field.doc(), fieldPath, undocumented);
                    collectUndocumented(field.schema(), fieldPath, undocumented);
                }
            }
            case ENUM, FIXED -> requireDoc(schema.getDoc(), path + ":" + schema.getName(), undocumented);
            case UNION -> schema.getTypes().forEach(type -> collectUndocumented(type, path, undocumented));
            case ARRAY -> collectUndocumented(schema.getElementType(), path, undocumented);
            case MAP -> collectUndocumented(schema.getValueType(), path, undocumented);
            default -> {
                // a primitive type is described by its field
            }
        }
    }

    private static void requireDoc(String doc, String path, List<String> undocumented) {
        if (doc == null || doc.isBlank()) {
            undocumented.add(path);
        }
    }

    /** The schema as it is written in its file, with the types that it refers to. */
    private static Schema current(Class<? extends SpecificRecord> type) throws IOException {
        Schema.Parser parser = new Schema.Parser();
        Path folder = Path.of("src/main/avro");
        parser.parse(folder.resolve("ImageEncoding.avsc").toFile());
        return parser.parse(folder.resolve(type.getSimpleName() + ".avsc").toFile());
    }
}
