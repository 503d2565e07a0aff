package io.contrastream.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.contrastream.schemas.ImageEncoding;
import io.contrastream.schemas.LabelledImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ImageSourceTest {

    private static final String PNG = "\u0089PNG\r\n\u001a\n";
    private static final String JPEG = "\u00ff\u00d8\u00ff\u00e0";

    private static final int CIFAR_RECORD = 3074;

    @TempDir
    private Path folder;

    @Test
    void cifar100IsReadFromItsOfficialLayout() throws Exception {
        writeCifar("apple\nbear\ncan\n", 0, 2, 0, 2, 2);

        try (ImageSource source = ImageSource.open("cifar100:" + folder, 1)) {
            assertThat(source.labels()).containsExactlyInAnyOrder("apple", "can");
            int can = source.labels().indexOf("can");
            assertThat(source.size(can)).isEqualTo(3);
            SourceImage image = source.image(can, 1);
            assertThat(image.id()).isEqualTo("cifar100-train-3");
            assertThat(image.bytes()).hasSize(3072).containsOnly(3);

            LabelledImage record = image.record(Instant.EPOCH, Map.of("source", "cifar100"));
            assertThat(record.getEncoding()).isEqualTo(ImageEncoding.RAW_PLANAR_RGB8);
            assertThat(record.getWidth()).isEqualTo(32);
            assertThat(record.getHeight()).isEqualTo(32);
        }
    }

    @Test
    void theOrderOfClassesDependsOnTheSeed() throws Exception {
        StringBuilder names = new StringBuilder();
        int[] labels = new int[50];
        for (int i = 0; i < labels.length; i++) {
            names.append("name").append(i).append('\n');
            labels[i] = i;
        }
        writeCifar(names.toString(), labels);

        try (ImageSource one = ImageSource.open("cifar100:" + folder, 1);
                ImageSource again = ImageSource.open("cifar100:" + folder, 1);
                ImageSource other = ImageSource.open("cifar100:" + folder, 2)) {
            assertThat(one.labels()).isEqualTo(again.labels()).isNotEqualTo(other.labels());
            assertThat(one.labels()).containsExactlyInAnyOrderElementsOf(other.labels());
        }
    }

    @Test
    void aCifar100FileOfAnotherSizeIsRefused() throws Exception {
        Files.write(folder.resolve("train.bin"), new byte[CIFAR_RECORD + 1]);
        Files.writeString(folder.resolve("fine_label_names.txt"), "apple\n");

        assertRefused("cifar100:" + folder, "train.bin has 3075 bytes, expected a multiple of 3074");
    }

    @Test
    void aCifar100LabelWithoutNameIsRefused() throws Exception {
        writeCifar("apple\n", 0, 1);

        assertRefused("cifar100:" + folder, "image 1 of", "fine label 1", "names only 1");
    }

    @Test
    void aFolderWithoutCifar100IsRefused() {
        assertRefused("cifar100:" + folder, "there is no " + folder.resolve("train.bin"), "fine_label_names.txt");
    }

    @Test
    void everyFolderWithImagesIsAClassHoweverDeep() throws Exception {
        write("cat/1.png", PNG + "bytes");
        write("cat/2.JPG", JPEG + "bytes");
        write("cat/notes.txt", "no image");
        write("Greek/character01/a.jpeg", JPEG + "bytes");
        write(".hidden/b.png", PNG + "hidden");
        write("cat/.thumbnail.png", PNG + "hidden");

        try (ImageSource source = ImageSource.open("folder:" + folder, 1)) {
            assertThat(source.labels()).containsExactlyInAnyOrder("cat", "Greek/character01");
            int cat = source.labels().indexOf("cat");
            assertThat(source.size(cat)).isEqualTo(2);
            SourceImage png = source.image(cat, 0);
            assertThat(png.id()).isEqualTo("cat/1.png");
            assertThat(png.encoding()).isEqualTo(ImageEncoding.PNG);
            assertThat(png.bytes()).isEqualTo((PNG + "bytes").getBytes(StandardCharsets.ISO_8859_1));
            assertThat(source.image(cat, 1).encoding()).isEqualTo(ImageEncoding.JPEG);
            assertThat(png.record(Instant.EPOCH, Map.of()).getWidth()).isNull();
        }
    }

    @Test
    void whatAFileIsItsBytesSayAndNotItsName() throws Exception {
        write("a/png-inside.jpg", PNG);
        write("a/jpeg-inside.png", JPEG);
        write("a/nothing-in-the-name", "GIF89a...");
        write("a/photo.jfif", JPEG);
        write("b/x.webp", "RIFF....WEBPVP8 ");
        write("b/x.tif", "II*\0....");
        write("b/y.tiff", "MM\0*....");
        write("b/x.bmp", "BM......");

        try (ImageSource source = ImageSource.open("folder:" + folder, 1)) {
            assertThat(encodings(source, "a"))
                    .containsExactly(ImageEncoding.JPEG, ImageEncoding.GIF, ImageEncoding.JPEG, ImageEncoding.PNG);
            assertThat(encodings(source, "b"))
                    .containsExactly(ImageEncoding.BMP, ImageEncoding.TIFF, ImageEncoding.WEBP, ImageEncoding.TIFF);
            assertThat(source.remarks()).isEmpty();
        }
    }

    private static List<ImageEncoding> encodings(ImageSource source, String label) {
        int index = source.labels().indexOf(label);
        return IntStream.range(0, source.size(index))
                .mapToObj(image -> source.image(index, image).encoding())
                .toList();
    }

    @Test
    void whatIsNotAnImageIsNamedTheFirstTenAndThenCounted() throws Exception {
        write("cat/1.png", PNG);
        write("lonely.png", PNG);
        for (int i = 10; i < 23; i++) {
            write("cat/%d.txt".formatted(i), "text");
        }
        write("empty/none.png", "");
        write("video/clip.jpg", "\0\0\0 ftypmp42");
        write("video/page.png", "<html>");

        try (ImageSource source = ImageSource.open("folder:" + folder, 1)) {
            assertThat(source.labels()).containsExactly("cat");
            assertThat(source.remarks())
                    .hasSize(14)
                    .startsWith("cat/10.txt: not an image (PNG, JPEG, WebP, GIF, BMP, TIFF), so left out")
                    .contains(
                            "cat/19.txt: not an image (PNG, JPEG, WebP, GIF, BMP, TIFF), so left out",
                            "and 6 more: not an image (PNG, JPEG, WebP, GIF, BMP, TIFF), so left out",
                            "lonely.png: in no class's folder, so left out",
                            "no class 'empty': none of its 1 file is an image")
                    .endsWith("no class 'video': none of its 2 files is an image");
        }
    }

    @Test
    void aFileThatCannotBeReadIsNamedAndTheRestIsThere() throws Exception {
        write("cat/1.png", PNG);
        write("cat/2.png", PNG);
        // The memory of this process: a file that even the superuser cannot read at its beginning.
        Files.createSymbolicLink(folder.resolve("cat/3.png"), Path.of("/proc/self/mem"));
        Files.createSymbolicLink(
                Files.createDirectory(folder.resolve("dog")).resolve("1.png"), Path.of("/proc/self/mem"));

        try (ImageSource source = ImageSource.open("folder:" + folder, 1)) {
            assertThat(source.labels()).containsExactly("cat");
            assertThat(source.size(0)).isEqualTo(2);
            assertThat(source.remarks())
                    .containsExactly(
                            "cat/3.png: it cannot be read, so left out",
                            "dog/1.png: it cannot be read, so left out",
                            "no class 'dog': none of its 1 file is an image");
        }
    }

    @Test
    void aFolderWhoseNameIsNoLabelIsNamedAndLeftOut() throws Exception {
        write("cat/1.png", PNG);
        write("  /1.png", PNG);
        write("  /2.png", PNG);
        write("  /notes.txt", "none");
        write("\t\u0007/1.png", PNG);
        // A shell takes bytes for names, whatever the locale is.
        Process shell = new ProcessBuilder("bash", "-c", "cp cat/1.png $'cat/\\377.png'; cp -r cat $'d\\344g'")
                .directory(folder.toFile())
                .inheritIO()
                .start();
        assertThat(shell.waitFor()).isZero();

        try (ImageSource source = ImageSource.open("folder:" + folder, 1)) {
            assertThat(source.labels()).containsExactly("cat");
            assertThat(source.size(0)).isEqualTo(1);
            assertThat(source.remarks())
                    .anySatisfy(remark -> assertThat(remark)
                            .contains("'  ', so 2 images are left out", "white space and control characters"))
                    .anySatisfy(remark -> assertThat(remark).contains("so 1 image is left out: label is"))
                    .anySatisfy(remark -> assertThat(remark).contains("'d\ufffdg', so 2 images", "not in UTF-8"))
                    .contains("cat/\ufffd.png: its name is not in UTF-8, so left out");
        }
    }

    @Test
    void foldersOfWhichNoneCanBeAClassAreRefused() throws Exception {
        write(" /1.png", PNG);

        assertRefused("folder:" + folder, "no folder of", "can be a class", "1 image is left out");
    }

    @Test
    void namesThatAreTooLongForAnIdBecomeDigests() throws Exception {
        String deep = "d".repeat(100) + "/" + "e".repeat(100) + "/" + "f".repeat(100);
        write(deep + "/1.png", PNG + "one");
        write(deep + "/2.png", PNG + "two");

        try (ImageSource source = ImageSource.open("folder:" + folder, 1)) {
            assertThat(source.labels()).hasSize(1).allMatch(label -> label.length() == 64);
            assertThat(source.image(0, 0).id())
                    .hasSize(64)
                    .isNotEqualTo(source.image(0, 1).id());
        }
    }

    @Test
    void aFolderWithoutClassesIsRefused() throws Exception {
        assertRefused(
                "folder:" + folder, "there is no image (PNG, JPEG, WebP, GIF, BMP, TIFF) in the folders of " + folder);
        write("lonely.png", PNG);
        assertRefused("folder:" + folder, "has images, but no folders");
    }

    @Test
    void withoutLabelsAFolderNeedsNoClasses() throws Exception {
        write("2.png", PNG);
        write("1.jpg", JPEG);
        write("notes.txt", "text");
        write("later/ /3.png", PNG);

        try (ImageSource source = ImageSource.openUnlabelled("folder:" + folder, 1)) {
            assertThat(source.labels()).containsExactly("");
            assertThat(IntStream.range(0, source.size(0)).mapToObj(image -> source.id(0, image)))
                    .containsExactly("1.jpg", "2.png", "later/ /3.png");
            assertThat(source.remarks())
                    .containsExactly("notes.txt: not an image (PNG, JPEG, WebP, GIF, BMP, TIFF), so left out");
            assertThat(source.image(0, 0).query(Instant.EPOCH, Map.of()).getEncoding())
                    .isEqualTo(ImageEncoding.JPEG);
        }
    }

    @Test
    void withoutLabelsAFolderWithoutAnImageIsRefused() throws Exception {
        write("cat/notes.txt", "text");

        assertThatThrownBy(() -> ImageSource.openUnlabelled("folder:" + folder, 1))
                .isInstanceOf(ImageSourceException.class)
                .hasMessage("there is no image (PNG, JPEG, WebP, GIF, BMP, TIFF) in " + folder + ", but 1 other file");
    }

    @Test
    void aListHasImagesWithAnyNumberOfLabels() throws Exception {
        write("in/1.png", PNG + "1");
        write("in/a, b.jpg", JPEG);
        write("3.png", PNG + "3");
        write("4.png", PNG + "4");
        write(
                "labels.csv",
                "\u00ef\u00bb\u00bfin/1.png, cat,pet,,\r\n\r\n\"in/a, b.jpg\",\"say \"\"cat\"\", or dog\" ,cat\n3.png,cat\n4.png,\n");

        try (ImageSource source = ImageSource.open("csv:" + folder.resolve("labels.csv"), 1)) {
            assertThat(source.labels()).containsExactlyInAnyOrder("cat", "say \"cat\", or dog", "");
            int cat = source.labels().indexOf("cat");
            assertThat(source.size(cat)).isEqualTo(2);
            LabelledImage record = source.image(cat, 0).record(Instant.EPOCH, Map.of());
            assertThat(record.getId()).isEqualTo("in/1.png").isEqualTo(source.id(cat, 0));
            assertThat(record.getLabel()).isEqualTo("cat");
            assertThat(record.getFurtherLabels()).containsExactly("pet");
            assertThat(source.sizeBytes(cat, 0)).isEqualTo(record.getImage().remaining());
            assertThat(source.image(cat, 1).furtherLabels()).isEmpty();
            SourceImage quoted = source.image(source.labels().indexOf("say \"cat\", or dog"), 0);
            assertThat(quoted.id()).isEqualTo("in/a, b.jpg");
            assertThat(quoted.encoding()).isEqualTo(ImageEncoding.JPEG);
            assertThat(quoted.furtherLabels()).containsExactly("cat");
            SourceImage bare = source.image(source.labels().indexOf(""), 0);
            assertThat(bare.id()).isEqualTo("4.png");
            assertThat(bare.record(Instant.EPOCH, Map.of()).getLabel()).isEmpty();
        }
        try (ImageSource source = ImageSource.openUnlabelled("csv:" + folder.resolve("labels.csv"), 1)) {
            assertThat(source.labels()).containsExactly("");
            assertThat(IntStream.range(0, source.size(0)).mapToObj(image -> source.id(0, image)))
                    .containsExactly("in/1.png", "in/a, b.jpg", "3.png", "4.png");
        }
    }

    @Test
    void aLineOfAListThatIsWrongIsRefusedWithItsNumber() throws Exception {
        write("1.png", PNG);
        write("notes.txt", "text");
        Path list = folder.resolve("labels.csv");
        String source = "csv:" + list;
        assertRefused(source, "there is no file '" + list);
        assertRefused("csv", "'csv' names no file, expected SCHEME:FILE");
        assertRefused("csv:" + folder, "is no file");
        for (String[] wrong : new String[][] {
            {"file,label", "there is no file " + folder.resolve("file")},
            {"notes.txt,cat", "notes.txt is not an image (PNG, JPEG"},
            {"1.png,cat,cat", "label 'cat' is there twice"},
            {"1.png,,cat", "label is empty"},
            {",cat", "no image is named"},
            {"\"1.png,cat", "Missing closing quote for value"},
            {"\"1.png\"x,cat", "Expected column separator character"},
        }) {
            write("labels.csv", "\n" + wrong[0] + "\n");
            assertRefused(source, list + ", line 2: ", wrong[1]);
            assertThatThrownBy(() -> ImageSource.open(source, 1)).message().hasLineCount(1);
        }
        write("labels.csv", "1.png,cat\n./1.png,dog\n");
        assertRefused(source, "line 2: '1.png' is there twice");
        write("labels.csv", "1.png,\u00ff\n");
        assertRefused(source, "it is not text in UTF-8");
        write("labels.csv", "\n");
        assertRefused(source, "there is no image in " + list + ": a line PATH,LABEL,LABEL... is expected");
    }

    @Test
    void aSourceThatIsNotKnownOrNotThereIsRefused() throws Exception {
        assertRefused("imagenet", "unknown image source 'imagenet'", "synthetic, cifar100:DIR, folder:DIR, csv:FILE");
        assertRefused("synthetic:/tmp", "take no place");
        assertRefused("folder", "'folder' names no folder");
        assertRefused("folder:", "'folder:' names no folder");
        assertRefused("folder:" + folder.resolve("missing"), "there is no folder '" + folder.resolve("missing"));
        write("file", "text");
        assertRefused("folder:" + folder.resolve("file"), "is no folder");
    }

    @Test
    void cifar100HasTestImagesOfItsOwn() throws Exception {
        writeCifar("apple\nbear\ncan\n", 0, 2, 0);
        Files.copy(folder.resolve("train.bin"), folder.resolve("test.bin"));
        writeCifar("apple\nbear\ncan\n", 2, 2, 0, 2);

        try (ImageSplit split = ImageSplit.open("cifar100:" + folder, 1)) {
            int apple = split.train().labels().indexOf("apple");
            assertThat(split.train().size(apple)).isEqualTo(1);
            assertThat(split.test().size(apple)).isEqualTo(2);
            assertThat(split.train().image(apple, 0).id()).isEqualTo("cifar100-train-2");
            assertThat(split.test().image(apple, 1).id()).isEqualTo("cifar100-test-2");
            assertThat(split.test().image(apple, 1).bytes()).containsOnly(2);
        }
    }

    @Test
    void otherClassesToTestWithThanToLearnFromAreRefused() throws Exception {
        writeCifar("apple\nbear\ncan\n", 0, 2, 0);
        Files.copy(folder.resolve("train.bin"), folder.resolve("test.bin"));
        writeCifar("apple\nbear\ncan\n", 0, 1, 2);

        assertThatThrownBy(() -> ImageSplit.open("cifar100:" + folder, 1))
                .isInstanceOf(ImageSourceException.class)
                .hasMessageContaining("have different classes: 3 and 2");
    }

    @Test
    void theLastFifthOfAFoldersImagesIsHeldOut() throws Exception {
        for (int i = 0; i < 11; i++) {
            write("cat/%02d.png".formatted(i), PNG + i);
        }
        write("dog/1.png", PNG + "one");
        write("dog/2.png", PNG + "two");

        try (ImageSplit split = ImageSplit.open("folder:" + folder, 1)) {
            int cat = split.train().labels().indexOf("cat");
            int dog = split.test().labels().indexOf("dog");
            assertThat(split.train().size(cat)).isEqualTo(9);
            assertThat(split.train().image(cat, 8).id()).isEqualTo("cat/08.png");
            assertThat(split.test().size(cat)).isEqualTo(2);
            assertThat(split.test().image(cat, 0).id()).isEqualTo("cat/09.png");
            assertThat(split.test().image(cat, 1).id()).isEqualTo("cat/10.png");
            assertThat(split.train().size(dog)).isEqualTo(1);
            assertThat(split.test().image(dog, 0).id()).isEqualTo("dog/2.png");
        }
    }

    @Test
    void howManyImagesAreTestedWithCanBeChosenIfEveryClassHasMore() throws Exception {
        for (int i = 0; i < 6; i++) {
            write("cat/" + i + ".png", PNG + i);
        }

        try (ImageSplit split = ImageSplit.open("folder:" + folder, 1, 4)) {
            assertThat(split.train().size(0)).isEqualTo(2);
            assertThat(split.test().size(0)).isEqualTo(4);
            assertThat(split.test().image(0, 0).id()).isEqualTo("cat/2.png");
        }
        assertThatThrownBy(() -> ImageSplit.open("folder:" + folder, 1, 6))
                .isInstanceOf(ImageSourceException.class)
                .hasMessageContaining("the class 'cat' has 6 images, but needs at least 7");
        assertThatThrownBy(() -> ImageSplit.open("cifar100:" + folder, 1, 4))
                .isInstanceOf(ImageSourceException.class)
                .hasMessageContaining("has test images of its own");
    }

    @Test
    void aClassOfOneImageCannotBeSplit() throws Exception {
        write("cat/1.png", PNG + "one");

        assertThatThrownBy(() -> ImageSplit.open("folder:" + folder, 1))
                .isInstanceOf(ImageSourceException.class)
                .hasMessageContaining("the class 'cat' has 1 image, but needs at least 2");
    }

    private static void assertRefused(String source, String... texts) {
        assertThatThrownBy(() -> ImageSource.open(source, 1))
                .isInstanceOf(ImageSourceException.class)
                .message()
                .contains(texts);
    }

    /** Every pixel of an image is its position. */
    private void writeCifar(String names, int... fineLabels) throws IOException {
        ByteArrayOutputStream images = new ByteArrayOutputStream();
        for (int i = 0; i < fineLabels.length; i++) {
            byte[] record = new byte[CIFAR_RECORD];
            Arrays.fill(record, (byte) i);
            record[0] = 99;
            record[1] = (byte) fineLabels[i];
            images.writeBytes(record);
        }
        Files.write(folder.resolve("train.bin"), images.toByteArray());
        Files.writeString(folder.resolve("fine_label_names.txt"), names);
    }

    private void write(String path, String text) throws IOException {
        Path file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        Files.write(file, text.getBytes(StandardCharsets.ISO_8859_1));
    }
}
