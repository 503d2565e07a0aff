package io.contrastream.dashboard.model;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.contrastream.dashboard.projection.Plane;
import io.contrastream.dashboard.projection.View;
import io.contrastream.schemas.ClassPrototype;
import io.contrastream.schemas.EmbeddingOrigin;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;

/**
 * The map of the embedding space: {@link Points} and prototypes on a {@link View}. Places are told as whole numbers, {@value #UNIT} to the
 * unit. Not thread-safe.
 */
final class SpaceMap {

    /** Coordinates are within ±4: a mean and a unit vector are at most 2 apart, and the picture may be shifted. */
    static final int UNIT = 8000;

    static final int BYTES = 12;
    static final int NONE = 0xFFFF;

    private static final int RIGHT = 1;
    private static final int QUERY = 2;
    private static final int UNKNOWN = 4;

    /** Fewer class means than these span no plane: then the images themselves are looked at. */
    private static final int FEWEST_MEANS = 3;

    private static final int SAMPLE = 2000;

    private final Points points;
    private final Classes classes;
    private final View view = new View();
    private boolean turned;
    private int dimension;

    SpaceMap(Points points, Classes classes) {
        this.points = points;
        this.classes = classes;
    }

    /** Looks at the space as it is now: chooses the plane, and places what has changed, or all if it is another plane. */
    void look() {
        if (points.dimension() != dimension) {
            dimension = points.dimension();
            view.clear();
        }
        if (points.size() == 0 || (points.changed().isEmpty() && view.plane().isPresent())) {
            return;
        }
        List<Points.Point> sample = sample();
        List<float[]> anchors = new ArrayList<>();
        classes.prototypes(dimension).values().forEach(prototype -> anchors.add(vector(prototype)));
        if (anchors.size() < FEWEST_MEANS) {
            anchors.clear();
            sample.forEach(point -> anchors.add(point.vector()));
        }
        List<Points.Point> seen =
                sample.stream().filter(point -> point.place() != null).toList();
        boolean other = view.look(
                anchors.toArray(float[][]::new),
                seen.stream().map(Points.Point::vector).toArray(float[][]::new),
                seen.stream().map(Points.Point::place).toArray(double[][]::new));
        turned |= other;
        Plane plane = view.plane().orElseThrow();
        BitSet changed = points.changed();
        for (int slot = 0; slot < points.capacity(); slot++) {
            Points.Point point = points.at(slot);
            if (point != null && (other || changed.get(slot))) {
                changed.set(slot);
                point.placed(plane.place(point.vector()));
            }
        }
    }

    private List<Points.Point> sample() {
        int every = Math.max(1, points.size() / SAMPLE);
        List<Points.Point> sample = new ArrayList<>();
        for (int slot = 0, n = 0; slot < points.capacity(); slot++) {
            Points.Point point = points.at(slot);
            if (point != null && n++ % every == 0) {
                sample.add(point);
            }
        }
        return sample;
    }

    private static float[] vector(ClassPrototype prototype) {
        float[] vector = new float[prototype.getVector().size()];
        for (int k = 0; k < vector.length; k++) {
            vector[k] = prototype.getVector().get(k);
        }
        return vector;
    }

    /** The changes since the last call, as JSON of the page. */
    ObjectNode changes() {
        ObjectNode changes = tell(points.changed());
        changes.put("turned", turned);
        return changes;
    }

    /** All of it. */
    ObjectNode all() {
        BitSet all = new BitSet();
        for (int slot = 0; slot < points.capacity(); slot++) {
            all.set(slot, points.at(slot) != null);
        }
        return tell(all);
    }

    void markTold() {
        points.changed().clear();
        turned = false;
    }

    private ObjectNode tell(BitSet slots) {
        ObjectNode map = JsonNodeFactory.instance.objectNode();
        map.put("capacity", points.capacity()).put("size", points.size()).put("unit", UNIT);
        ByteBuffer bytes = ByteBuffer.allocate(BYTES * slots.cardinality()).order(ByteOrder.LITTLE_ENDIAN);
        for (int slot = slots.nextSetBit(0); slot >= 0; slot = slots.nextSetBit(slot + 1)) {
            Points.Point point = points.at(slot);
            bytes.putShort((short) slot);
            if (point == null || point.place() == null) {
                bytes.putShort((short) NONE).putLong(0);
            } else {
                bytes.putShort((short) (point.label() < 0 ? NONE - 1 : point.label()));
                bytes.putShort(whole(point.place()[0])).putShort(whole(point.place()[1]));
                bytes.putShort((short) flags(point.newest()));
                // Another image in the same slot has another picture.
                bytes.putShort((short) point.id().hashCode());
            }
        }
        map.put("points", bytes.array());
        ArrayNode prototypes = map.putArray("prototypes");
        view.plane().ifPresent(plane -> {
            for (Map.Entry<Integer, ClassPrototype> prototype :
                    classes.prototypes(dimension).entrySet()) {
                double[] place = plane.place(vector(prototype.getValue()));
                prototypes
                        .addArray()
                        .add(prototype.getKey())
                        .add(whole(place[0]))
                        .add(whole(place[1]));
            }
        });
        return map;
    }

    private static int flags(Points.Said said) {
        return (said.label() != null && said.label().equals(said.nearest()) ? RIGHT : 0)
                | (said.origin() == EmbeddingOrigin.QUERIED ? QUERY : 0)
                | (Boolean.TRUE.equals(said.unknown()) ? UNKNOWN : 0);
    }

    private static short whole(double coordinate) {
        return (short) Math.max(Short.MIN_VALUE, Math.min(Short.MAX_VALUE, Math.round(coordinate * UNIT)));
    }
}
