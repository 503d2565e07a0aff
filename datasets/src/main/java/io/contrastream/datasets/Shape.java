package io.contrastream.datasets;

/** Outlines of generated objects: regions of the disc of radius 1. */
enum Shape {
    DISC("disc") {
        @Override
        boolean contains(double x, double y) {
            return x * x + y * y < 0.9 * 0.9;
        }
    },
    RING("ring") {
        @Override
        boolean contains(double x, double y) {
            double square = x * x + y * y;
            return square < 1 && square > 0.5 * 0.5;
        }
    },
    SQUARE("square") {
        @Override
        boolean contains(double x, double y) {
            return Math.max(Math.abs(x), Math.abs(y)) < 0.75;
        }
    },
    TRIANGLE("triangle") {
        @Override
        boolean contains(double x, double y) {
            return y > -0.5 && SQRT_3 * Math.abs(x) + y < 1;
        }
    },
    STAR("star") {
        @Override
        boolean contains(double x, double y) {
            double fifth = 2 * Math.PI / 5;
            double angle = StrictMath.atan2(y, x);
            double offTip = Math.abs(angle - fifth * Math.rint(angle / fifth));
            double valleyX = 0.42 * StrictMath.cos(fifth / 2);
            double valleyY = 0.42 * StrictMath.sin(fifth / 2);
            double radius = valleyY / (valleyY * StrictMath.cos(offTip) + (1 - valleyX) * StrictMath.sin(offTip));
            return x * x + y * y < radius * radius;
        }
    },
    CROSS("cross") {
        @Override
        boolean contains(double x, double y) {
            double thin = Math.min(Math.abs(x), Math.abs(y));
            double wide = Math.max(Math.abs(x), Math.abs(y));
            return thin < 0.3 && wide < 0.95;
        }
    },
    CRESCENT("crescent") {
        @Override
        boolean contains(double x, double y) {
            double bite = (x - 0.5) * (x - 0.5) + y * y;
            return x * x + y * y < 1 && bite > 0.72 * 0.72;
        }
    },
    HEART("heart") {
        @Override
        boolean contains(double x, double y) {
            double u = 1.25 * x;
            double v = 1.25 * y + 0.15;
            double ring = u * u + v * v - 1;
            return ring * ring * ring < u * u * v * v * v;
        }
    },
    BAR("bar") {
        @Override
        boolean contains(double x, double y) {
            return Math.abs(x) < 1 && Math.abs(y) < 0.33;
        }
    },
    HOURGLASS("hourglass") {
        @Override
        boolean contains(double x, double y) {
            return Math.abs(y) < 0.85 && Math.abs(x) < 0.1 + 0.7 * Math.abs(y);
        }
    },
    ARROW("arrow") {
        @Override
        boolean contains(double x, double y) {
            boolean shaft = x > -0.95 && x < 0.1 && Math.abs(y) < 0.22;
            return shaft || (x >= 0.1 && Math.abs(y) < 0.85 * (1 - x));
        }
    },
    CLOVER("clover") {
        @Override
        boolean contains(double x, double y) {
            double radius = 0.62 + 0.36 * StrictMath.cos(3 * StrictMath.atan2(y, x));
            return x * x + y * y < radius * radius;
        }
    };

    private static final double SQRT_3 = Math.sqrt(3);

    private final String noun;

    Shape(String noun) {
        this.noun = noun;
    }

    /** Whether the point is inside. */
    abstract boolean contains(double x, double y);

    /** Name for people. */
    String noun() {
        return noun;
    }
}
