package io.contrastream.benchmarks.continual;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The accuracies of a run as a drawing: over the images learned, the accuracy on test images after every part, and the prequential
 * one.
 *
 * @param title what the run was
 * @param images in all
 * @param tests after so many images, such an accuracy
 * @param stream likewise
 */
record AccuracyPlot(String title, int images, List<Point> tests, List<Point> stream) {

    private static final int WIDTH = 720;
    private static final int HEIGHT = 400;
    private static final int LEFT = 56;
    private static final int RIGHT = 20;
    private static final int TOP = 56;
    private static final int BOTTOM = 48;
    private static final String TEST_COLOUR = "#1f5fa8";
    private static final String STREAM_COLOUR = "#d9822b";

    /** An accuracy, in [0, 1], after so many images. */
    record Point(int images, double accuracy) {}

    /** @param report measured */
    static AccuracyPlot of(JsonNode report) {
        List<Point> tests = new ArrayList<>();
        int parts = report.get("accuracy").size();
        int images = report.get("train_images").asInt();
        int learned = 0;
        for (int part = 0; part < parts; part++) {
            learned += report.get("part_images").get(part).asInt();
            tests.add(new Point(learned, report.get("accuracy").get(part).asDouble()));
        }
        List<Point> stream = new ArrayList<>();
        int window = report.get("prequential_window").asInt();
        for (JsonNode accuracy : report.get("prequential")) {
            stream.add(new Point(Math.min(images, (stream.size() + 1) * window), accuracy.asDouble()));
        }
        String title = String.format(
                Locale.ROOT,
                "%s, %s: %d classes in %d stages, seed %d",
                report.get("protocol").asText(),
                report.get("recipe").asText(),
                report.get("classes").asInt(),
                report.get("stages").asInt(),
                report.get("seed").asLong());
        return new AccuracyPlot(title, images, tests, stream);
    }

    /** A document of its own. */
    String svg() {
        StringBuilder svg = new StringBuilder();
        svg.append(String.format(
                Locale.ROOT,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"13\">%n",
                WIDTH,
                HEIGHT));
        svg.append(String.format(Locale.ROOT, "<rect width=\"%d\" height=\"%d\" fill=\"white\"/>%n", WIDTH, HEIGHT));
        text(svg, LEFT, 20, "start", "#222", title);
        legend(svg, LEFT, TEST_COLOUR, "test images of all classes so far");
        legend(svg, LEFT + 260, STREAM_COLOUR, "images of the stream before they are learned");
        for (int percent = 0; percent <= 100; percent += 20) {
            double y = y(percent / 100.0);
            svg.append(String.format(
                    Locale.ROOT,
                    "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#ddd\"/>%n",
                    LEFT,
                    WIDTH - RIGHT,
                    y,
                    y));
            text(svg, LEFT - 8, y + 4, "end", "#555", percent + "%");
        }
        for (int tick = 0; tick <= images; tick += step()) {
            text(svg, x(tick), HEIGHT - BOTTOM + 18, "middle", "#555", Integer.toString(tick));
        }
        text(svg, (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 10, "middle", "#555", "images learned");
        line(svg, stream, STREAM_COLOUR);
        line(svg, tests, TEST_COLOUR);
        return svg.append("</svg>\n").toString();
    }

    /** Images between two marks of the axis: 1, 2 or 5 times a power of ten, for four to ten marks. */
    private int step() {
        int power = (int) Math.pow(10, Math.floor(Math.log10(Math.max(10, images) / 4.0)));
        return images / (power * 5) >= 4 ? power * 5 : images / (power * 2) >= 4 ? power * 2 : power;
    }

    private double x(int learned) {
        return LEFT + (double) learned / images * (WIDTH - LEFT - RIGHT);
    }

    private static double y(double accuracy) {
        return HEIGHT - BOTTOM - accuracy * (HEIGHT - TOP - BOTTOM);
    }

    private void line(StringBuilder svg, List<Point> points, String colour) {
        svg.append("<polyline fill=\"none\" stroke-width=\"2\" stroke=\"")
                .append(colour)
                .append("\" points=\"")
                .append(points.stream()
                        .map(point -> String.format(Locale.ROOT, "%.1f,%.1f", x(point.images()), y(point.accuracy())))
                        .collect(Collectors.joining(" ")))
                .append("\"/>\n");
        for (Point point : points) {
            svg.append(String.format(
                    Locale.ROOT,
                    "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>%n",
                    x(point.images()),
                    y(point.accuracy()),
                    colour));
        }
    }

    private static void legend(StringBuilder svg, int x, String colour, String meaning) {
        svg.append(String.format(
                Locale.ROOT,
                "<line x1=\"%d\" x2=\"%d\" y1=\"38\" y2=\"38\" stroke-width=\"2\" stroke=\"%s\"/>%n",
                x,
                x + 22,
                colour));
        text(svg, x + 28, 42, "start", "#222", meaning);
    }

    private static void text(StringBuilder svg, double x, double y, String anchor, String colour, String text) {
        svg.append(String.format(
                Locale.ROOT,
                "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" fill=\"%s\">%s</text>%n",
                x,
                y,
                anchor,
                colour,
                text.replace("&", "&amp;").replace("<", "&lt;")));
    }
}
