package io.contrastream.dashboard.projection;

import java.util.Optional;

/**
 * The plane on which an embedding space is looked at, over time. It stays where it is as long as it shows nearly as much of the spread of
 * the class means as the best plane would; so what moves on it is what has moved in the space. If it no longer does, the best plane takes
 * its place, turned in itself so that what was seen before is as near as possible to where it was seen
 * ({@link Procrustes}). A turn of the whole space, which changes no similarity, is thereby not seen after such a change.
 *
 * <p>Not thread-safe.
 */
public final class View {

    /** Share of the best plane's spread below which the plane is changed. */
    static final double ENOUGH = 0.8;

    /** How far from the origin the middle of what was seen may be for the plane that follows to keep it there. */
    private static final double FARTHEST = 1;

    private Plane plane;

    /** The plane; empty until something was looked at. */
    public Optional<Plane> plane() {
        return Optional.ofNullable(plane);
    }

    /**
     * Looks at the space as it is now.
     *
     * @param anchors what the plane is to show the spread of, such as the class means, [N, D], D at least 2
     * @param known vectors now, [M, D], of things that have been seen before
     * @param seen where these were seen, [M, 2]
     * @return whether the plane is another one now
     */
    public boolean look(float[][] anchors, float[][] known, double[][] seen) {
        if (anchors.length == 0) {
            return false;
        }
        Plane best = PrincipalPlane.of(anchors);
        if (plane != null && plane.dimension() == best.dimension()) {
            if (spread(plane, anchors, best) >= ENOUGH * best.spread(anchors)) {
                return false;
            }
            double[][] now = new double[known.length][];
            for (int i = 0; i < known.length; i++) {
                now[i] = best.place(known[i]);
            }
            best = aligned(best, now, seen);
        }
        plane = best;
        return true;
    }

    /** Turned and shifted in itself, so that the places of the known things are nearest to where they were seen. */
    private static Plane aligned(Plane best, double[][] now, double[][] seen) {
        if (now.length == 0) {
            return best;
        }
        double[][] turn = Procrustes.of(now, seen);
        Plane turned = best.turned(turn);
        double x = 0;
        double y = 0;
        double seenX = 0;
        double seenY = 0;
        for (int i = 0; i < now.length; i++) {
            x += (now[i][0] * turn[0][0] + now[i][1] * turn[1][0]) / now.length;
            y += (now[i][0] * turn[0][1] + now[i][1] * turn[1][1]) / now.length;
            seenX += seen[i][0] / now.length;
            seenY += seen[i][1] / now.length;
        }
        // Many shifts in a row must not carry the picture away.
        return Math.hypot(seenX, seenY) > FARTHEST ? turned : turned.shifted(seenX - x, seenY - y);
    }

    /** How much of the spread about the anchors' own mean is seen on a plane, wherever its centre is. */
    private static double spread(Plane plane, float[][] anchors, Plane best) {
        return new Plane(best.centre(), plane.first(), plane.second()).spread(anchors);
    }

    /** Forgets the plane: what is looked at next is another space. */
    public void clear() {
        plane = null;
    }
}
