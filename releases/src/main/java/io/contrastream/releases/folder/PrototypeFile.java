package io.contrastream.releases.folder;

import io.contrastream.schemas.ClassPrototype;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.data.TimeConversions;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.file.SeekableByteArrayInput;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;

/** Prototypes as an Avro file. */
final class PrototypeFile {

    /** So that equal prototypes make equal files. */
    private static final byte[] SYNC = "contrastream----".getBytes(StandardCharsets.US_ASCII);

    private PrototypeFile() {}

    private static SpecificData model() {
        SpecificData model = new SpecificData(ClassPrototype.class.getClassLoader());
        model.addLogicalTypeConversion(new TimeConversions.TimestampMillisConversion());
        return model;
    }

    /** @param out stays the caller's to close */
    static void write(List<ClassPrototype> prototypes, OutputStream out) throws IOException {
        SpecificData model = model();
        DataFileWriter<ClassPrototype> writer =
                new DataFileWriter<>(new SpecificDatumWriter<>(ClassPrototype.getClassSchema(), model));
        writer.create(ClassPrototype.getClassSchema(), out, SYNC);
        for (ClassPrototype prototype : prototypes) {
            writer.append(prototype);
        }
        writer.flush();
    }

    static List<ClassPrototype> read(byte[] file) throws IOException {
        SpecificData model = model();
        List<ClassPrototype> prototypes = new ArrayList<>();
        try (DataFileReader<ClassPrototype> reader = new DataFileReader<>(
                new SeekableByteArrayInput(file),
                new SpecificDatumReader<>(null, ClassPrototype.getClassSchema(), model))) {
            reader.forEach(prototypes::add);
        }
        return prototypes;
    }
}
