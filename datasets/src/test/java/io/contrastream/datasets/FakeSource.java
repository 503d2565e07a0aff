package io.contrastream.datasets;

import io.contrastream.schemas.ImageEncoding;
import java.util.List;
import java.util.stream.IntStream;

/** Images of a few bytes, in classes of given sizes. */
final class FakeSource implements ImageSource {

    private final int[] sizes;

    FakeSource(int... sizes) {
        this.sizes = sizes;
    }

    @Override
    public String name() {
        return "fake";
    }

    @Override
    public List<String> labels() {
        return IntStream.range(0, sizes.length)
                .mapToObj(label -> "class " + label)
                .toList();
    }

    @Override
    public int size(int labelIndex) {
        return sizes[labelIndex];
    }

    @Override
    public SourceImage image(int labelIndex, int index) {
        String id = labelIndex + "/" + index;
        return new SourceImage(id, labels().get(labelIndex), new byte[] {1}, ImageEncoding.PNG, 0, 0);
    }

    @Override
    public void close() {
        // Nothing is open.
    }
}
