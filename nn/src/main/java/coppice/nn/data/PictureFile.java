package coppice.nn.data;

import coppice.engine.Shape;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import javax.imageio.IIOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.stream.FileImageInputStream;
import javax.imageio.stream.ImageInputStream;
import org.w3c.dom.Node;

/**
 * A JPEG or PNG file; its content tells which, its name does not matter. Whatever it holds becomes red, green and blue of 8
 * bits: grey in all three channels, 16 bits cut to their upper 8, colours of a palette looked up, alpha dropped, CMYK
 * multiplied out. Apart from grey of 16 bits that is what Pillow's {@code convert("RGB")} does. Colour profiles and the
 * orientation in EXIF are not applied; of an animation it is the still image.
 */
record PictureFile(Path file) {

    /** No larger picture is decoded: 64 Mi pixels, some 700 MiB while it is, for each thread that decodes. */
    static final long MOST_PIXELS = 1 << 26;

    /** No picture of a larger side is: as much as JPEG allows. */
    static final int MOST_SIDE = 65_535;

    /** @throws DataException if the file cannot be read, is neither JPEG nor PNG, is damaged, or too large */
    Picture read() {
        try (ImageInputStream in = new FileImageInputStream(file.toFile())) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
            if (!readers.hasNext()) {
                throw new DataException(file + ": is not an image that can be read, expected JPEG or PNG");
            }
            ImageReader reader = readers.next();
            try {
                String format = reader.getFormatName().toUpperCase(Locale.ROOT);
                if (!format.equals("JPEG") && !format.equals("PNG")) {
                    throw new DataException(file + ": is a " + format + " image, expected JPEG or PNG");
                }
                return read(reader, in);
            } finally {
                reader.dispose();
            }
        } catch (IOException e) {
            throw new DataException(file + ": cannot be read or is damaged (" + e + ")", e);
        }
    }

    private Picture read(ImageReader reader, ImageInputStream in) throws IOException {
        List<String> warnings = new ArrayList<>();
        try {
            // Without the metadata: texts in a PNG file may be compressed, and fill any memory. JPEG needs its markers.
            reader.setInput(in, false, reader.getFormatName().equalsIgnoreCase("png"));
            long width = reader.getWidth(0);
            long height = reader.getHeight(0);
            if (width > MOST_SIDE || height > MOST_SIDE) {
                throw new DataException(file + ": is " + width + "×" + height + " pixels, more than the " + MOST_SIDE + " to a side that are"
                        + " accepted");
            }
            if (width * height > MOST_PIXELS) {
                throw new DataException(file + ": has " + width + "×" + height + " pixels, more than the " + MOST_PIXELS
                        + " that are accepted");
            }
            reader.addIIOReadWarningListener((_, warning) -> warnings.add(warning));
            Picture picture = cmyk(reader) ? fromCmyk(reader) : from(reader.read(0));
            for (String warning : warnings) {
                // Of what is missing the decoder makes grey. Its other warnings, such as stray bytes, leave the picture whole.
                if (warning.contains("premature end") || warning.contains("Truncated File")) {
                    throw new DataException(file + ": is damaged or truncated (" + warning + ")");
                }
            }
            return picture;
        } catch (DataException e) {
            throw e;
        } catch (OutOfMemoryError e) { // one large array, such as of a PNG file's texts, where it has a palette and they are read
            throw new DataException(file + ": needs more memory than there is (" + e.getMessage() + ")", e);
        } catch (RuntimeException e) { // the decoders throw all kinds of them on damaged files
            throw new DataException(file + ": is damaged (" + e + ")", e);
        }
    }

    /** A JPEG file of four components. The reader gives them as they are, but does not know what they mean. */
    private static boolean cmyk(ImageReader reader) throws IOException {
        Iterator<ImageTypeSpecifier> types = reader.getImageTypes(0);
        return reader.canReadRaster() && (!types.hasNext() || types.next().getNumComponents() == 4);
    }

    private static Node find(Node node, String name) {
        if (node.getNodeName().equals(name)) {
            return node;
        }
        for (Node child = node.getFirstChild(); child != null; child = child.getNextSibling()) {
            Node found = find(child, name);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    private static Picture from(BufferedImage image) {
        int width = image.getWidth();
        int height = image.getHeight();
        int plane = width * height;
        byte[] pixels = new byte[3 * plane];
        if (image.getColorModel() instanceof IndexColorModel) {
            int[] row = new int[width];
            for (int y = 0; y < height; y++) {
                image.getRGB(0, y, width, 1, row, 0, width);
                for (int x = 0; x < width; x++) {
                    int at = y * width + x;
                    pixels[at] = (byte) (row[x] >> 16);
                    pixels[plane + at] = (byte) (row[x] >> 8);
                    pixels[2 * plane + at] = (byte) row[x];
                }
            }
        } else {
            // Not getRGB: it takes grey for linear light and brightens it.
            Raster raster = image.getRaster();
            int bands = raster.getNumBands();
            int shift = raster.getSampleModel().getSampleSize(0) - 8;
            int[] row = new int[width * bands];
            for (int y = 0; y < height; y++) {
                raster.getPixels(0, y, width, 1, row);
                for (int channel = 0; channel < 3; channel++) {
                    int at = channel * plane + y * width;
                    for (int x = 0, i = bands < 3 ? 0 : channel; x < width; x++, i += bands) {
                        pixels[at + x] = (byte) (row[i] >> shift);
                    }
                }
            }
        }
        return new Picture(Shape.of(3, height, width), pixels, 0);
    }

    /**
     * With Adobe's marker, which practically all such files have, the components are stored inverted, and with transform 2 the
     * first three as luminance and chrominance of their complement (Adobe Technical Note 5116, section 18).
     */
    private static Picture fromCmyk(ImageReader reader) throws IOException {
        Node adobe = find(reader.getImageMetadata(0).getAsTree("javax_imageio_jpeg_image_1.0"), "app14Adobe");
        boolean inverted = adobe != null;
        boolean ycck = inverted && adobe.getAttributes().getNamedItem("transform").getNodeValue().equals("2");
        Raster raster = reader.readRaster(0, null);
        if (raster.getNumBands() != 4) {
            throw new IIOException("has " + raster.getNumBands() + " components of an unknown meaning");
        }
        int width = raster.getWidth();
        int height = raster.getHeight();
        int plane = width * height;
        byte[] pixels = new byte[3 * plane];
        int[] row = new int[4 * width];
        for (int y = 0; y < height; y++) {
            raster.getPixels(0, y, width, 1, row);
            for (int x = 0; x < width; x++) {
                double first = row[4 * x];
                double second = row[4 * x + 1];
                double third = row[4 * x + 2];
                int black = row[4 * x + 3];
                if (ycck) {
                    double blueness = second - 128;
                    double redness = third - 128;
                    third = 255 - (first + 1.772 * blueness);
                    second = 255 - (first - 0.344136 * blueness - 0.714136 * redness);
                    first = 255 - (first + 1.402 * redness);
                }
                int at = y * width + x;
                pixels[at] = light(first, black, inverted);
                pixels[plane + at] = light(second, black, inverted);
                pixels[2 * plane + at] = light(third, black, inverted);
            }
        }
        return new Picture(Shape.of(3, height, width), pixels, 0);
    }

    private static byte light(double ink, double black, boolean inverted) {
        double clamped = Math.clamp(ink, 0, 255);
        double product = inverted ? clamped * black : (255 - clamped) * (255 - black);
        return (byte) (int) (product / 255 + 0.5);
    }
}
