package io.contrastream.dashboard.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class SpaceMapTest {

    private final Labels labels = new Labels();
    private final Points points = new Points(100, labels);
    private final SpaceMap map = new SpaceMap(points, new Classes());

    @Test
    void distancesInThePlaneThatHasAllOfTheSpreadAreThoseOfTheSpace() throws IOException {
        float[][] vectors = {{1, 0, 0}, {0.6f, 0.8f, 0}, {0, 1, 0}, {-0.8f, 0.6f, 0}};
        for (int i = 0; i < vectors.length; i++) {
            points.add(Records.embedding("image-" + i, "label", "label", i, vectors[i]));
        }
        map.look();

        Map<Integer, double[]> places = places(map.all());

        for (int i = 0; i < vectors.length; i++) {
            for (int j = 0; j < vectors.length; j++) {
                double distance = Math.hypot(vectors[i][0] - vectors[j][0], vectors[i][1] - vectors[j][1]);
                double seen = Math.hypot(places.get(i)[0] - places.get(j)[0], places.get(i)[1] - places.get(j)[1]);
                assertThat(seen).isCloseTo(distance, within(2.0 / SpaceMap.UNIT));
            }
        }
    }

    @Test
    void onlyWhatHasChangedIsToldAgainAndWhatIsGoneIsTold() throws IOException {
        for (int i = 0; i < 6; i++) {
            points.add(
                    Records.embedding("image-" + i, "label", "label", i, (float) Math.cos(i), (float) Math.sin(i), 0));
        }
        map.look();
        assertThat(places(map.changes())).hasSize(6);
        map.markTold();

        points.add(Records.embedding("image-2", "label", "label", 7, (float) Math.cos(2.1), (float) Math.sin(2.1), 0));
        points.remove("image-4");
        map.look();
        ObjectNode changes = map.changes();

        assertThat(changes.get("turned").asBoolean()).isFalse();
        assertThat(places(changes)).containsOnlyKeys(points.slot("image-2"), 4);
        assertThat(places(changes).get(4)).isNull();
    }

    /** By slot; null for an image that is gone. */
    private static Map<Integer, double[]> places(ObjectNode map) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(map.get("points").binaryValue()).order(ByteOrder.LITTLE_ENDIAN);
        Map<Integer, double[]> places = new TreeMap<>();
        while (bytes.hasRemaining()) {
            int slot = bytes.getShort() & 0xFFFF;
            int label = bytes.getShort() & 0xFFFF;
            double[] place = {bytes.getShort() / (double) SpaceMap.UNIT, bytes.getShort() / (double) SpaceMap.UNIT};
            bytes.getInt();
            places.put(slot, label == SpaceMap.NONE ? null : place);
        }
        return places;
    }
}
