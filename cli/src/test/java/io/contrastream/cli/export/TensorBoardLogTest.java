package io.contrastream.cli.export;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TensorBoardLogTest {

    /** By TensorBoard's own writer: src/test/python/events.py. */
    private static final String GOLDEN =
            "1800000000000000a37f4b220900002040fc54d9411a0d627261696e2e4576656e743a322b3531103a000000000000001295"
                    + "eae20900002040fc54d94110f4032a2c0a0f0a086163637572616379150000003f0a190a1261636375726163795f6f665f70"
                    + "6172742f31150000803eb468132d";

    @TempDir
    private Path folder;

    @Test
    void theBytesAreThoseOfTensorBoardsOwnWriter() throws Exception {
        Map<String, Double> scalars = new LinkedHashMap<>();
        scalars.put("accuracy", 0.5);
        scalars.put("accuracy_of_part/1", 0.25);
        try (TensorBoardLog log = new TensorBoardLog(folder.resolve("run"), 1_700_000_000_500L)) {
            log.add(1_700_000_000_500L, 500, scalars);
        }

        byte[] written = Files.readAllBytes(folder.resolve("run/events.out.tfevents.0.contrastream"));
        assertThat(HexFormat.of().formatHex(written)).isEqualTo(GOLDEN);
    }
}
