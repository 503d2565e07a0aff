package io.contrastream.datasets;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvParser;
import io.contrastream.learning.failure.Reason;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.operators.decode.ImageFormat;
import io.contrastream.operators.decode.Names;
import io.contrastream.operators.decode.Rejection;
import io.contrastream.schemas.ImageEncoding;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Image files that a file of comma-separated values (RFC 4180) lists with any number of labels: a line {@code PATH,LABEL,LABEL...} for each, in UTF-8,
 * without a heading. A path is relative to the list's folder, and is the image's id; without labels, an image is of the class whose label is
 * empty, and with several it is of the class of the first. Empty cells at the end, and empty lines, are passed over. A line that is wrong is
 * refused, with its number.
 */
final class CsvSource implements ImageSource {

    private static final int HEAD_BYTES = 16;
    private static final String BYTE_ORDER_MARK = "\uFEFF";
    private static final ObjectReader LINES = CsvMapper.builder()
            .enable(CsvParser.Feature.WRAP_AS_ARRAY, CsvParser.Feature.TRIM_SPACES, CsvParser.Feature.SKIP_EMPTY_LINES)
            .build()
            .readerFor(String[].class);

    private final List<String> labels;
    private final List<List<Listed>> images;

    private CsvSource(List<String> labels, List<List<Listed>> images) {
        this.labels = labels;
        this.images = images;
    }

    /**
     * An image of the list.
     *
     * @param labels all of them
     */
    private record Listed(Path file, String id, List<String> labels) {

        String label() {
            return labels.isEmpty() ? FolderScan.NO_LABEL : labels.get(0);
        }

        List<String> furtherLabels() {
            return labels.subList(Math.min(1, labels.size()), labels.size());
        }
    }

    static CsvSource open(Path list, long seed) {
        Map<String, List<Listed>> byLabel = new TreeMap<>();
        read(list)
                .forEach(image -> byLabel.computeIfAbsent(image.label(), first -> new ArrayList<>())
                        .add(image));
        List<String> labels = new ArrayList<>(byLabel.keySet());
        Shuffle.shuffle(labels, RandomStream.of(seed, RandomStream.Purpose.SHUFFLE, -1, 0));
        return new CsvSource(labels, labels.stream().map(byLabel::get).toList());
    }

    static CsvSource openUnlabelled(Path list) {
        List<Listed> images = read(list).stream()
                .map(image -> new Listed(image.file(), image.id(), List.of()))
                .toList();
        return new CsvSource(List.of(FolderScan.NO_LABEL), List.of(images));
    }

    private static List<Listed> read(Path list) {
        Path folder = list.toAbsolutePath().normalize().getParent();
        List<Listed> images = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        try (MappingIterator<String[]> lines = LINES.readValues(text(list))) {
            while (lines.hasNextValue()) {
                int number = lines.getCurrentLocation().getLineNr();
                try {
                    Listed image = listed(folder, List.of(lines.nextValue()));
                    if (!ids.add(image.id())) {
                        throw new ImageSourceException("'" + image.id() + "' is there twice");
                    }
                    images.add(image);
                } catch (JsonProcessingException e) {
                    throw wrong(list, number, e.getOriginalMessage(), e);
                } catch (ImageSourceException | IOException | Rejection e) {
                    throw wrong(list, number, Reason.of(e), e);
                }
            }
        } catch (IOException e) {
            throw new ImageSourceException("cannot read " + list + ": " + Reason.of(e), e);
        }
        if (images.isEmpty()) {
            throw new ImageSourceException("there is no image in " + list + ": a line PATH,LABEL,LABEL... is expected");
        }
        return images;
    }

    private static String text(Path list) throws IOException {
        String text = Files.readString(list);
        return text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
    }

    private static ImageSourceException wrong(Path list, int line, String reason, Exception cause) {
        return new ImageSourceException(list + ", line " + line + ": " + reason, cause);
    }

    private static Listed listed(Path folder, List<String> line) throws IOException, Rejection {
        List<String> cells = new ArrayList<>(line);
        while (!cells.isEmpty() && cells.get(cells.size() - 1).isEmpty()) {
            cells.remove(cells.size() - 1);
        }
        if (cells.isEmpty() || cells.get(0).isEmpty()) {
            throw new ImageSourceException("no image is named");
        }
        List<String> labels = List.copyOf(cells.subList(1, cells.size()));
        if (!labels.isEmpty()) {
            Names.requireLabels(labels.get(0), labels.subList(1, labels.size()));
        }
        Path file;
        try {
            file = folder.resolve(cells.get(0)).normalize();
        } catch (InvalidPathException e) {
            throw new ImageSourceException("'" + cells.get(0) + "' is no path: " + e.getReason(), e);
        }
        if (!Files.isRegularFile(file)) {
            throw new ImageSourceException("there is no file " + file);
        }
        try (InputStream bytes = Files.newInputStream(file)) {
            if (ImageFormat.of(bytes.readNBytes(HEAD_BYTES)).isEmpty()) {
                throw new ImageSourceException(file + " is not an image (" + ImageFormat.all() + ")");
            }
        }
        return new Listed(file, FolderScan.name(folder, file), labels);
    }

    @Override
    public String name() {
        return "csv";
    }

    @Override
    public List<String> labels() {
        return labels;
    }

    @Override
    public int size(int labelIndex) {
        return images.get(labelIndex).size();
    }

    @Override
    public SourceImage image(int labelIndex, int index) {
        Listed image = images.get(labelIndex).get(index);
        byte[] bytes = FolderSource.bytes(image.file());
        ImageEncoding encoding = FolderSource.encoding(image.file(), bytes);
        return new SourceImage(image.id(), image.label(), image.furtherLabels(), bytes, encoding, 0, 0);
    }

    @Override
    public String id(int labelIndex, int index) {
        return images.get(labelIndex).get(index).id();
    }

    @Override
    public long sizeBytes(int labelIndex, int index) {
        return FolderSource.sizeBytes(images.get(labelIndex).get(index).file());
    }

    @Override
    public void close() {
        // Files are open only while they are read.
    }
}
