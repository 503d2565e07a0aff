package io.contrastream.cli.export;

import io.contrastream.dashboard.image.SmallPicture;
import io.contrastream.schemas.Embedding;
import io.contrastream.schemas.RecordFormat;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.imageio.ImageIO;

/**
 * Files for TensorBoard's projector: {@code vectors.tsv}, {@code metadata.tsv}, {@code sprite.png} and
 * {@code projector_config.pbtxt}. Not thread-safe.
 *
 * <p>Source: TensorBoard's <i>projector_config.proto</i>, and its description of sprites: square, filled row by row.
 */
public final class ProjectorFiles {

    /** Images at most: a sprite of 256 rows and columns. */
    public static final int MOST = 65_536;

    private static final int SIDE = 32;

    private final Path folder;
    private final List<Embedding> embeddings;
    private final Map<String, Integer> rows = new HashMap<>();
    private final SmallPicture pictures = new SmallPicture(SIDE);
    private final int columns;
    private BufferedImage sprite;

    /**
     * For some embeddings.
     *
     * @param folder to write to; made if it is not there
     * @param embeddings of one dimension, at least one, at most {@link #MOST}
     */
    public ProjectorFiles(Path folder, List<Embedding> embeddings) throws IOException {
        this.folder = Files.createDirectories(folder);
        this.embeddings = embeddings;
        this.columns = (int) Math.ceil(Math.sqrt(embeddings.size()));
        for (int row = 0; row < embeddings.size(); row++) {
            rows.put(embeddings.get(row).getId(), row);
        }
        Files.deleteIfExists(folder.resolve("sprite.png"));
    }

    /** Writes vectors and what is known of each. */
    public void writeTables() throws IOException {
        try (BufferedWriter vectors = writer("vectors.tsv");
                BufferedWriter metadata = writer("metadata.tsv")) {
            metadata.write("id\tlabel\tnearest\tsimilarity\tversion\torigin\n");
            for (Embedding embedding : embeddings) {
                StringBuilder line = new StringBuilder();
                for (float value : embedding.getVector()) {
                    line.append(line.isEmpty() ? "" : "\t").append(value);
                }
                vectors.write(line.append('\n').toString());
                metadata.write(String.join(
                        "\t",
                        cell(embedding.getId()),
                        cell(embedding.getLabel()),
                        cell(embedding.getNearestLabel()),
                        cell(embedding.getNearestSimilarity()),
                        cell(embedding.getEncoderVersion()),
                        cell(embedding.getOrigin().name().toLowerCase(Locale.ROOT))));
                metadata.write("\n");
            }
        }
    }

    private BufferedWriter writer(String name) throws IOException {
        return Files.newBufferedWriter(folder.resolve(name), StandardCharsets.UTF_8);
    }

    /** A cell has neither tabs nor ends of lines. */
    private static String cell(Object value) {
        return value == null ? "" : value.toString().replaceAll("\\p{Cntrl}", " ");
    }

    /**
     * Takes the picture of an image into the sprite, if its embedding is there.
     *
     * @param format of the record
     */
    public void picture(String id, byte[] record, RecordFormat format) {
        Integer row = rows.get(id);
        if (row == null) {
            return;
        }
        pictures.of(record, format).ifPresent(picture -> {
            if (sprite == null) {
                sprite = new BufferedImage(columns * SIDE, columns * SIDE, BufferedImage.TYPE_INT_RGB);
            }
            Graphics2D graphics = sprite.createGraphics();
            graphics.drawImage(picture, row % columns * SIDE, row / columns * SIDE, null);
            graphics.dispose();
        });
    }

    /** Writes the pictures; nothing if there were none. */
    public void writeSprite() throws IOException {
        if (sprite != null) {
            ImageIO.write(sprite, "png", folder.resolve("sprite.png").toFile());
        }
    }

    /** Writes what tells the projector of the other files. */
    public void writeConfiguration() throws IOException {
        StringBuilder text = new StringBuilder("""
                embeddings {
                  tensor_name: "embeddings"
                  tensor_path: "vectors.tsv"
                  metadata_path: "metadata.tsv"
                """);
        if (sprite != null) {
            text.append("""
                      sprite {
                        image_path: "sprite.png"
                        single_image_dim: %d
                        single_image_dim: %d
                      }
                    """.formatted(SIDE, SIDE));
        }
        Files.writeString(folder.resolve("projector_config.pbtxt"), text.append("}\n"));
    }
}
