package io.contrastream.datasets;

/** Pattern on generated objects: a mixture of a first and a second colour at every point. */
enum Pattern {
    PLAIN("plain") {
        @Override
        double second(Shape shape, double x, double y) {
            return 0;
        }
    },
    STRIPED("striped") {
        @Override
        double second(Shape shape, double x, double y) {
            return parity(x / 0.32);
        }
    },
    CHEQUERED("chequered") {
        @Override
        double second(Shape shape, double x, double y) {
            return parity(Math.floor(x / 0.5) + Math.floor(y / 0.5));
        }
    },
    DOTTED("dotted") {
        @Override
        double second(Shape shape, double x, double y) {
            double offX = x / 0.6 - Math.rint(x / 0.6);
            double offY = y / 0.6 - Math.rint(y / 0.6);
            return offX * offX + offY * offY < 0.3 * 0.3 ? 1 : 0;
        }
    },
    RINGED("ringed") {
        @Override
        double second(Shape shape, double x, double y) {
            return parity(Math.sqrt(x * x + y * y) / 0.28);
        }
    },
    HALVED("halved") {
        @Override
        double second(Shape shape, double x, double y) {
            return y > 0 ? 1 : 0;
        }
    },
    QUARTERED("quartered") {
        @Override
        double second(Shape shape, double x, double y) {
            return x * y > 0 ? 1 : 0;
        }
    },
    BORDERED("bordered") {
        @Override
        double second(Shape shape, double x, double y) {
            return shape.contains(x / 0.72, y / 0.72) ? 0 : 1;
        }
    },
    FADED("faded") {
        @Override
        double second(Shape shape, double x, double y) {
            return Math.min(1, Math.max(0, 0.5 + 0.65 * y));
        }
    },
    GRIDDED("gridded") {
        @Override
        double second(Shape shape, double x, double y) {
            double columns = x / 0.55 - Math.floor(x / 0.55);
            double rows = y / 0.55 - Math.floor(y / 0.55);
            return Math.min(columns, rows) < 0.32 ? 1 : 0;
        }
    };

    private final String adjective;

    Pattern(String adjective) {
        this.adjective = adjective;
    }

    /** Share of the second colour, in [0, 1]. */
    abstract double second(Shape shape, double x, double y);

    /** Name for people. */
    String adjective() {
        return adjective;
    }

    private static double parity(double value) {
        return ((long) Math.floor(value) & 1) == 0 ? 0 : 1;
    }
}
