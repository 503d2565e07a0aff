import io.contrastream.testing.BrowserPage;
import io.contrastream.testing.Chromium;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;

/** Takes pictures of a live page that shows a demo: light and dark, on a desk and on a phone, when enough has been learned. */
class Screenshots {

    private static final double PART = 0.7;

    public static void main(String[] arguments) throws Exception {
        String url = arguments[0];
        Path folder = Files.createDirectories(Path.of(arguments[1]));
        int images = (int) (PART * Integer.parseInt(arguments[2]));
        try (Chromium chromium = Chromium.start(Path.of(System.getProperty("java.io.tmpdir")))) {
            BrowserPage page = chromium.open();
            page.resize(1440, 900, 1, false);
            page.prefer(false);
            page.go(url);
            long deadline = System.nanoTime() + 900_000_000_000L;
            while (page.evaluate("window.contrastream?.state.report?.images ?? 0").asInt() < images) {
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException("the demo has not learned " + images + " images in a quarter of an hour");
                }
                Thread.sleep(500);
            }
            // An image of the class of the newest, not too near to the edge of the picture.
            page.evaluate("document.querySelector('#newest button').click()");
            page.await("document.querySelectorAll('#neighbours img').length > 0");
            page.evaluate("document.activeElement.blur(), window.scrollTo(0, 0)");
            take(page, folder, "page-light");
            page.prefer(true);
            take(page, folder, "page-dark");
            page.resize(390, 844, 1.5, true);
            take(page, folder, "phone-dark");
            page.prefer(false);
            take(page, folder, "phone-light");
        }
        System.exit(0);
    }

    private static void take(BrowserPage page, Path folder, String name) throws IOException, InterruptedException {
        Thread.sleep(3000);
        Path file = folder.resolve(name + ".webp");
        String picture = page.call("Page.captureScreenshot", Map.of("format", "webp", "quality", 88)).get("data").asText();
        Files.write(file, Base64.getDecoder().decode(picture));
        System.out.println(file + ": " + Files.size(file) / 1024 + " kB");
    }
}
