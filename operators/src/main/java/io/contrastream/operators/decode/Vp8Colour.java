package io.contrastream.operators.decode;

import io.contrastream.learning.image.ImageShape;

/** Luma and chroma of a frame of VP8 to RGB, in the arithmetic of libwebp: chroma is interpolated between its four nearest samples. */
final class Vp8Colour {

    private Vp8Colour() {}

    static Pixels rgb(Vp8Frame frame) {
        int width = frame.width();
        int height = frame.height();
        int plane = width * height;
        byte[] planar = new byte[3 * plane];
        int[] blue = new int[width + 1];
        int[] red = new int[width + 1];
        int last = (height - 1) / 2;
        for (int y = 0; y < height; y++) {
            int near = y / 2;
            int far = Math.min(last, Math.max(0, y % 2 == 0 ? near - 1 : near + 1));
            chroma(frame.blue(), frame.chromaStride(), near, far, width, blue);
            chroma(frame.red(), frame.chromaStride(), near, far, width, red);
            int from = (1 + y) * frame.lumaStride() + 1;
            for (int x = 0; x < width; x++) {
                int light = ((frame.luma()[from + x] & 0xFF) * 19077) >> 8;
                int to = y * width + x;
                planar[to] = level(light + ((red[x] * 26149) >> 8) - 14234);
                planar[plane + to] = level(light - ((blue[x] * 6419) >> 8) - ((red[x] * 13320) >> 8) + 8708);
                planar[2 * plane + to] = level(light + ((blue[x] * 33050) >> 8) - 17685);
            }
        }
        return new Pixels(new ImageShape(3, height, width), planar);
    }

    /** A row of chroma, as wide as luma: of every sample 9 parts the nearest, 3 and 3 its neighbours, 1 the one across. */
    private static void chroma(byte[] samples, int stride, int nearRow, int farRow, int width, int[] row) {
        int near = (1 + nearRow) * stride + 1;
        int far = (1 + farRow) * stride + 1;
        int nearLeft = samples[near] & 0xFF;
        int farLeft = samples[far] & 0xFF;
        row[0] = (3 * nearLeft + farLeft + 2) >> 2;
        for (int x = 1; x <= (width - 1) / 2; x++) {
            int nearRight = samples[near + x] & 0xFF;
            int farRight = samples[far + x] & 0xFF;
            int sum = nearLeft + nearRight + farLeft + farRight + 8;
            row[2 * x - 1] = (((sum + 2 * (nearRight + farLeft)) >> 3) + nearLeft) >> 1;
            row[2 * x] = (((sum + 2 * (nearLeft + farRight)) >> 3) + nearRight) >> 1;
            nearLeft = nearRight;
            farLeft = farRight;
        }
        if (width % 2 == 0) {
            row[width - 1] = (3 * nearLeft + farLeft + 2) >> 2;
        }
    }

    private static byte level(int value) {
        return (byte) Math.max(0, Math.min(255, value >> 6));
    }
}
